"""Between the pipeline and an extractor: request and seal, the process runner, the generic HTTP extractor."""
