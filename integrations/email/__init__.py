"""The `Mailer` port over SMTP."""
