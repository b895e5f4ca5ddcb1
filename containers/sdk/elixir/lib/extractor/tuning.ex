defmodule Extractor.Tuning do
  @moduledoc "Waits that only tests change, each an environment variable FIELDHOUSE_HTTP_…_S in seconds."

  defstruct backoff: 1.0, connect: 10.0, read: 60.0, floor: 60.0
  @type t :: %__MODULE__{backoff: float, connect: float, read: float, floor: float}

  @doc "The environment's values, else the protocol's."
  @spec new() :: t
  def new do
    given =
      for name <- [:backoff, :connect, :read, :floor],
          text = System.get_env("FIELDHOUSE_HTTP_#{name |> to_string() |> String.upcase()}_S"),
          {seconds, ""} <- [Float.parse(text)],
          do: {name, seconds}

    struct!(__MODULE__, given)
  end
end
