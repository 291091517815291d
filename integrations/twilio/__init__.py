"""SMS through Twilio's Messages API and webhooks."""
