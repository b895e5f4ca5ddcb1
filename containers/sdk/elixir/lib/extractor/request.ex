defmodule Extractor.Request do
  @moduledoc "What the pipeline asks for: `request.json`, and what the lake knows beside it. Fields it does not know are ignored."

  alias Extractor.Failure

  @limits ~w(deadline_s silence_s max_bytes max_file_bytes max_files requests_per_second concurrency)a
  @enforce_keys [:source, :run, :attempt, :feeds, :config, :bases, :limits, :known, :state, :mirror]
  defstruct @enforce_keys

  @type known :: %{{feed :: String.t(), key :: String.t()} => map}
  @type t :: %__MODULE__{
          source: String.t(),
          run: String.t(),
          attempt: pos_integer,
          feeds: %{String.t() => map},
          config: map,
          bases: %{String.t() => map},
          limits: %{atom => number},
          known: known,
          state: map | nil,
          mirror: String.t() | nil
        }

  @doc "The request at `path`; raises a usage failure where it is none that this program knows."
  @spec read!(Path.t()) :: t
  def read!(path) do
    with {:ok, text} <- File.read(path),
         {:ok, %{"protocol" => 1, "task" => "extract"} = values} <- JSON.decode(text) do
      from!(values, path)
    else
      {:ok, %{"protocol" => protocol, "task" => task}} ->
        usage!("#{path}: protocol #{inspect(protocol)}, task #{inspect(task)}: 1 and \"extract\" are known")

      fault ->
        usage!("#{path}: no request: #{inspect(fault, printable_limit: 100)}")
    end
  end

  # Its feeds are one file each, which no interval narrows: what was asked for must not be taken for what was done.
  defp from!(%{"interval" => %{} = interval}, path),
    do: usage!("#{path}: interval #{inspect(interval)}: only null is known")

  defp from!(
         %{"source" => source, "run" => run, "attempt" => attempt, "feeds" => %{} = feeds} = values,
         _path
       ) do
    %__MODULE__{
      source: source,
      run: run,
      attempt: attempt,
      feeds: feeds,
      config: values["config"] || %{},
      bases: values["bases"] || %{},
      limits: limits!(values["limits"] || %{}),
      known: known!(values["known"]),
      state: values["state"],
      mirror: values["mirror"] && String.trim_trailing(values["mirror"], "/")
    }
  end

  defp from!(_values, path), do: usage!("#{path}: no request: it lacks source, run, attempt or feeds")

  defp limits!(given) do
    for name <- @limits, into: %{} do
      case given[to_string(name)] do
        value when is_number(value) and value > 0 ->
          {name, value}

        value ->
          raise Failure.new(
                  :configuration,
                  "limits.#{name} is #{inspect(value)}; a number above 0 is expected"
                )
      end
    end
  end

  defp known!(nil), do: %{}

  defp known!(path) do
    for line <- File.stream!(path), entry = JSON.decode!(line), into: %{} do
      {{entry["feed"], entry["key"]}, entry}
    end
  rescue
    error in [File.Error, JSON.DecodeError] -> usage!("#{path}: #{Exception.message(error)}")
  end

  @spec usage!(String.t()) :: no_return
  defp usage!(message), do: raise(Failure.new(:usage, message))
end
