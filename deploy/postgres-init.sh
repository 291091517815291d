#!/bin/sh
# Runs once, when the cluster is made: two databases, each with a role that cannot open the other.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres \
    --set careline="$(cat /run/secrets/careline_database_password)" \
    --set rasa="$(cat /run/secrets/rasa_database_password)" <<'SQL'
CREATE ROLE careline LOGIN PASSWORD :'careline';
CREATE ROLE rasa LOGIN PASSWORD :'rasa';
CREATE DATABASE careline OWNER careline;
CREATE DATABASE rasa OWNER rasa;
REVOKE CONNECT ON DATABASE careline, rasa, postgres FROM PUBLIC;
SQL
