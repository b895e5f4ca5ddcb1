defmodule Extractor.Expect do
  @moduledoc "Whether bytes can be what a feed holds, judged by their first and last ones: an error page is no data."

  @doc "What speaks against it, or nil."
  @spec fault(String.t(), binary, binary) :: String.t() | nil
  def fault(expect, head, tail) do
    start = head |> String.replace_prefix("\uFEFF", "") |> trim_leading()

    cond do
      start == "" -> "the body is empty"
      html?(start) -> "the body is an HTML page: #{excerpt(start)}; #{expect} is expected"
      fault = fault_of(expect, start, trim_trailing(tail), head) -> "#{fault}; #{expect} is expected"
      true -> nil
    end
  end

  defp html?(start) do
    start
    |> binary_part(0, min(byte_size(start), 20))
    |> ascii_downcase()
    |> String.starts_with?(~w(<!doctype\ html <html <head <body))
  end

  defp fault_of("csv", start, _tail, head) do
    if String.starts_with?(start, ["<", ~s({")]) or :binary.match(head, <<0>>) != :nomatch,
      do: "the body does not begin like a CSV file: #{excerpt(start)}"
  end

  defp fault_of(kind, <<first, _::binary>> = start, tail, _head) when kind in ["json", "ndjson"] do
    closing = %{?{ => "}", ?[ => "]"}[first]

    cond do
      closing == nil -> "the body is neither a JSON object nor a list: #{excerpt(start)}"
      String.ends_with?(tail, if(kind == "ndjson", do: ["}", "]"], else: closing)) -> nil
      true -> "the body is cut: it has no closing bracket"
    end
  end

  defp fault_of("parquet", start, tail, _head) do
    unless String.starts_with?(start, "PAR1") and String.ends_with?(tail, "PAR1"),
      do: "the body lacks Parquet's marks"
  end

  defp fault_of("zip", start, _tail, _head) do
    unless String.starts_with?(start, "PK\x03\x04"), do: "the body does not begin like a zip archive"
  end

  defp fault_of("text", _start, _tail, _head), do: nil

  # Bytes, not text: they may be in any encoding.
  defp trim_leading(<<byte, rest::binary>>) when byte in ~c" \t\r\n\v\f", do: trim_leading(rest)
  defp trim_leading(bytes), do: bytes

  defp trim_trailing(bytes) do
    size = byte_size(bytes) - 1

    if size >= 0 and :binary.last(bytes) in ~c" \t\r\n\v\f",
      do: trim_trailing(binary_part(bytes, 0, size)),
      else: bytes
  end

  defp ascii_downcase(bytes),
    do: for(<<byte <- bytes>>, into: "", do: <<if(byte in ?A..?Z, do: byte + 32, else: byte)>>)

  defp excerpt(bytes), do: inspect(binary_part(bytes, 0, min(byte_size(bytes), 60)), binaries: :as_strings)
end
