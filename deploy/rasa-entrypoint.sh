#!/bin/sh
# Starts the engine in its container. Secrets come as files and go into this process only.
set -eu
RASA_TOKEN=$(cat /run/secrets/rasa_token)
ACTIONS_TOKEN=$RASA_TOKEN
TRACKER_DATABASE_URL=$(cat /run/secrets/tracker_database_url)
export RASA_TOKEN ACTIONS_TOKEN TRACKER_DATABASE_URL
exec python run_engine.py run --enable-api -i 0.0.0.0 -p 5005 -m models \
    --endpoints endpoints.yml --credentials credentials.yml
