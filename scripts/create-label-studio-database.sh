#!/bin/sh
# Run once by the PostgreSQL container: Label Studio keeps a database of its own beside ours.
set -e
psql --username coderbench --dbname coderbench --command "CREATE DATABASE label_studio"
