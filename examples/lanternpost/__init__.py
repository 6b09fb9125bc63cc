"""The sample world: Lanternpost, an invented service that tells shops where their parcels are."""
