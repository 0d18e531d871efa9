"""The client without asyncio; made from `psup.aio` by clients/generate."""
