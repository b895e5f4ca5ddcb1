System.put_env("FIELDHOUSE_HTTP_BACKOFF_S", "0.01")

for scheme <- ~w(http https all),
    name = scheme <> "_proxy",
    do: Enum.each([name, String.upcase(name)], &System.delete_env/1)

:logger.set_primary_config(:level, :none)
ExUnit.start()
