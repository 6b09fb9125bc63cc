"""What keeps secrets in and strangers out: attestation of decisions, redaction of texts."""
