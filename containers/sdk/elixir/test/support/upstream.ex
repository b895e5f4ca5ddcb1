defmodule Extractor.Test.Upstream do
  @moduledoc "A server on the loopback interface that sends exactly what it is told, one answer a connection."

  @doc """
  Starts it; its URL. Each request is sent to the caller as `{:asked, path, headers}`.

  `answers`: a list, in the order of requests, the last one for ever; or by path, 404 for any other. A function makes an
  answer of the request's headers.
  """
  def start(answers) do
    {:ok, listener} =
      :gen_tcp.listen(0, [:binary, active: false, packet: :http_bin, ip: {127, 0, 0, 1}, reuseaddr: true])

    {:ok, port} = :inet.port(listener)
    test = self()
    ExUnit.Callbacks.start_supervised!({Task, fn -> serve(listener, answers, test) end}, id: port)
    "http://127.0.0.1:#{port}"
  end

  @doc "A whole answer."
  def answer(status, body \\ "", headers \\ %{}) do
    fields = Map.merge(%{"Content-Length" => byte_size(body)}, headers)
    lines = for {name, value} <- fields, do: "#{name}: #{value}\r\n"
    IO.iodata_to_binary(["HTTP/1.1 #{status} Answer\r\n", lines, "\r\n", body])
  end

  defp serve(listener, answers, test) do
    {:ok, socket} = :gen_tcp.accept(listener)
    {:ok, {:http_request, :GET, {:abs_path, path}, _}} = :gen_tcp.recv(socket, 0)
    asked = headers(socket, %{})
    send(test, {:asked, path, asked})
    {answer, answers} = next(answers, path)
    :ok = :gen_tcp.send(socket, if(is_function(answer), do: answer.(asked), else: answer))
    :gen_tcp.close(socket)
    serve(listener, answers, test)
  end

  defp next([answer], _path), do: {answer, [answer]}
  defp next([answer | rest], _path), do: {answer, rest}
  defp next(answers, path), do: {Map.get_lazy(answers, path, fn -> answer(404) end), answers}

  defp headers(socket, found) do
    case :gen_tcp.recv(socket, 0) do
      {:ok, {:http_header, _, name, _, value}} ->
        headers(socket, Map.put(found, String.downcase("#{name}"), value))

      {:ok, :http_eoh} ->
        found
    end
  end
end
