"""Label Studio from outside: its API, and the page that coders tick codes on."""
