"""A host that registers two remedies with Mendwheel. Yours would look like this."""
