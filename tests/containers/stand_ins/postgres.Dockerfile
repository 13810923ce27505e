# Stands in for postgres:15: Debian's PostgreSQL with an entry point that takes the same variables.
FROM localhost/coderbench-debian
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-15 \
    && rm -rf /var/lib/apt/lists/* \
    && mkdir -p /var/lib/postgresql/data /docker-entrypoint-initdb.d \
    && chown postgres /var/lib/postgresql/data
COPY --chmod=755 postgres-entrypoint.sh /usr/local/bin/entrypoint
ENV PATH=/usr/lib/postgresql/15/bin:$PATH PGDATA=/var/lib/postgresql/data/pgdata
USER postgres
STOPSIGNAL SIGINT
CMD ["entrypoint"]
