# Stands in for redis:7: Debian's Redis.
FROM localhost/coderbench-debian
RUN apt-get update \
    && apt-get install -y --no-install-recommends redis-server \
    && rm -rf /var/lib/apt/lists/*
USER redis
WORKDIR /tmp
