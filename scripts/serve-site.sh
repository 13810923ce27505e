#!/bin/sh
# The web container: bring the database and the static files up to date, then serve.
set -e
python manage.py migrate --noinput
python manage.py collectstatic --noinput
exec gunicorn config.wsgi -b 0.0.0.0:8000 --workers 2 --threads 8
