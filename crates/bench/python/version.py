"""The version of Python."""
report(lambda: {"version": sys.version.split()[0]})
