"""A simulated Dataverse, from its tables to its webhooks."""
