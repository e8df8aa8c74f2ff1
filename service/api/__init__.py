"""The routers of the HTTP API, each a page of the contract (DESIGN 8)."""
