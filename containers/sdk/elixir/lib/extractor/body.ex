defmodule Extractor.Body do
  @moduledoc "A body on its way to disk: gzip undone, bounded, hashed, and whole or not at all."

  alias Extractor.Failure

  @head 4096
  @tail 64
  @enforce_keys [:file, :hash, :most]
  defstruct [:file, :hash, :most, inflate: nil, bytes: 0, head: "", tail: ""]

  @type t :: %__MODULE__{bytes: non_neg_integer, head: binary, tail: binary}

  @doc "An empty body that goes to an open file and may have so many bytes, decoded."
  @spec new(:file.io_device(), pos_integer) :: t
  def new(file, most), do: %__MODULE__{file: file, hash: :crypto.hash_init(:sha256), most: most}

  @doc "Takes the headers of an answer and then its pieces: a sink for `Extractor.HTTP`."
  @spec take({:headers, map} | {:piece, binary}, t) :: t
  def take({:headers, headers}, body) do
    if is_map_key(headers, "content-range"),
      do: raise(Failure.new(:data, "a part of the file, which was not asked for"))

    case String.downcase(headers["content-encoding"] || "") do
      identity when identity in ["", "identity"] ->
        bounded!(headers["content-length"], body)

      gzip when gzip in ["gzip", "x-gzip"] ->
        stream = :zlib.open()
        # Several members may follow one another.
        :ok = :zlib.inflateInit(stream, 31, :reset)
        %{body | inflate: stream}

      coding ->
        raise Failure.new(
                :data,
                "the body has the content coding #{inspect(coding)}, which was not asked for"
              )
    end
  end

  def take({:piece, piece}, %__MODULE__{inflate: nil} = body), do: write!(body, piece)
  def take({:piece, piece}, body), do: inflate!(body, piece)

  @doc "The hash, once the last piece is there; raises a temporary failure where a gzip stream has no end."
  @spec finish!(t) :: String.t()
  def finish!(%__MODULE__{inflate: stream, hash: hash}) do
    if stream, do: guard_zlib!(fn -> :zlib.inflateEnd(stream) end)
    hash |> :crypto.hash_final() |> Base.encode16(case: :lower)
  end

  # A small piece can hold a disk full: it is unpacked in bounded portions.
  defp inflate!(body, input) do
    case guard_zlib!(fn -> :zlib.safeInflate(body.inflate, input) end) do
      {:continue, output} -> body |> write!(IO.iodata_to_binary(output)) |> inflate!([])
      {:finished, output} -> write!(body, IO.iodata_to_binary(output))
    end
  end

  defp guard_zlib!(work) do
    work.()
  rescue
    ErlangError -> reraise Failure.new(:temporary, "the compressed body is cut or damaged"), __STACKTRACE__
  end

  defp write!(body, ""), do: body

  defp write!(body, piece) do
    bytes = body.bytes + byte_size(piece)
    if bytes > body.most, do: too_large!(body)

    case :file.write(body.file, piece) do
      :ok -> :ok
      {:error, reason} -> raise Failure.new(:io, "cannot write the body: #{:file.format_error(reason)}")
    end

    %{
      body
      | bytes: bytes,
        hash: :crypto.hash_update(body.hash, piece),
        head: if(byte_size(body.head) < @head, do: first(body.head <> piece), else: body.head),
        tail: last(body.tail <> last(piece))
    }
  end

  defp first(bytes), do: binary_part(bytes, 0, min(byte_size(bytes), @head))
  defp last(bytes), do: binary_part(bytes, byte_size(bytes), -min(byte_size(bytes), @tail))

  defp bounded!(length, body) do
    case Integer.parse(length || "") do
      {announced, ""} when announced > body.most -> too_large!(body)
      _ -> body
    end
  end

  @spec too_large!(t) :: no_return
  defp too_large!(body) do
    raise Failure.new(:data, "the body has more than #{body.most} bytes, decoded: limits.max_file_bytes")
  end
end
