defmodule Extractor.Failure do
  @moduledoc "Why an extraction does not succeed: one of the protocol's exit codes, and a sentence for whoever reads the log."

  @codes %{
    usage: 64,
    data: 65,
    unavailable: 69,
    internal: 70,
    io: 74,
    temporary: 75,
    permission: 77,
    configuration: 78
  }

  @type kind :: :usage | :data | :unavailable | :internal | :io | :temporary | :permission | :configuration
  @type t :: %__MODULE__{kind: kind, message: String.t(), retry_after_s: number | nil}
  defexception [:kind, :message, :retry_after_s]

  @doc "A failure; `retry_after_s` is for temporary ones whose upstream said when to come back."
  @spec new(kind, String.t(), number | nil) :: t
  def new(kind, message, retry_after_s \\ nil) when is_map_key(@codes, kind),
    do: %__MODULE__{kind: kind, message: message, retry_after_s: retry_after_s}

  @doc "Whatever was raised, as a failure: files that cannot be written are I/O, all else is a defect of this program."
  @spec from(Exception.t()) :: t
  def from(%__MODULE__{} = failure), do: failure
  def from(%File.Error{} = error), do: new(:io, "cannot write: #{Exception.message(error)}")
  def from(%File.RenameError{} = error), do: new(:io, "cannot write: #{Exception.message(error)}")
  def from(error), do: new(:internal, "#{inspect(error.__struct__)}: #{Exception.message(error)}")

  @doc "The exit code."
  @spec code(t) :: non_neg_integer
  def code(%__MODULE__{kind: kind}), do: @codes[kind]
end
