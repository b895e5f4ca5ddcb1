"""Which source id stands for which entity: links with method and evidence, clusters, ids that stay what they were."""
