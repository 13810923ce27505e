# Stands in for python:3.11-slim: Debian's Python 3.11, with pip allowed to install.
FROM localhost/coderbench-debian
RUN ln -s python3 /usr/bin/python && rm -f /usr/lib/python3*/EXTERNALLY-MANAGED
# As in Debian's own image: apt keeps nothing in its cache.
RUN printf '%s\n' 'DPkg::Post-Invoke { "rm -rf /var/cache/apt/*.bin /var/cache/apt/archives/*.deb"; };' \
        'Dir::Cache::pkgcache "";' 'Dir::Cache::srcpkgcache "";' > /etc/apt/apt.conf.d/docker-clean
