defmodule Extractor.Seal do
  @moduledoc "The seal and the files that it names: bytes are moved to their place first, `manifest.json` is renamed last."

  alias Extractor.{Failure, Request}

  @typedoc "One key of a seal, with the protocol's fields."
  @type file :: %{:feed => String.t(), :key => String.t(), :status => String.t(), optional(atom) => term}

  @doc "Moves the bytes of a new file to their place and forgets those of any other; an error where the new ones are too many."
  @spec place(file, Path.t() | nil, Path.t(), [file], map) :: :ok | {:error, Failure.t()}
  def place(_file, nil, _out, _new, _limits), do: :ok

  def place(%{status: "new"} = file, part, out, new, limits) do
    total = new |> Enum.map(& &1.bytes) |> Enum.sum()

    if length(new) > limits.max_files or total > limits.max_bytes do
      {:error,
       Failure.new(
         :data,
         "more than #{limits.max_files} files or #{limits.max_bytes} bytes: raise the limits"
       )}
    else
      move(part, Path.join([out, "files", file.feed, file.key]))
    end
  end

  def place(_file, part, _out, _new, _limits), do: written(File.rm(part))

  @doc "Writes the seal at once: under another name first, in the folder that the pipeline ignores."
  @spec write!(Path.t(), Request.t(), [file], map | nil) :: :ok
  def write!(out, %Request{} = request, files, state) do
    seal = %{
      protocol: 1,
      source: request.source,
      run: request.run,
      attempt: request.attempt,
      files: Enum.sort_by(files, &{&1.feed, &1.key}),
      state: state,
      stats: %{keys: length(files)}
    }

    draft = Path.join([out, "tmp", "manifest.json"])
    File.write!(draft, JSON.encode!(seal))
    File.rename!(draft, Path.join(out, "manifest.json"))
  end

  defp move(part, place) do
    with :ok <- written(File.mkdir_p(Path.dirname(place))), do: written(File.rename(part, place))
  end

  defp written(:ok), do: :ok

  defp written({:error, reason}),
    do: {:error, Failure.new(:io, "cannot write: #{:file.format_error(reason)}")}
end
