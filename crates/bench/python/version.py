"""Which Python this is."""
report(lambda: {"version": sys.version.split()[0]})
