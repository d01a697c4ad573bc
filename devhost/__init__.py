"""A local host for an Azure Functions Python v2 app, durable functions included."""
