defmodule Extractor.CLI do
  @moduledoc "The border of the process: arguments, SIGTERM, and the exit code. The image calls `eval/0`."

  alias Extractor.{Failure, Log}

  @doc "Runs one extraction with the arguments of the release's `eval` and ends the VM. `plan`: what is fetched."
  @spec eval(module) :: no_return
  def eval(plan \\ Extractor.Plan) do
    # Without this the VM ends with 0, and whoever was stopped looks like a success.
    {:ok, _} = System.trap_signal(:sigterm, &terminated/0)
    # Every line of the log is ours: reports of OTP's own say what a failure's line says anyway.
    :logger.set_primary_config(:level, :none)
    {:ok, _} = Application.ensure_all_started(:extractor)
    System.halt(main(System.argv(), plan))
  end

  @doc "The exit code of the protocol; the last log line before a failing one says why."
  @spec main([String.t()], module) :: non_neg_integer
  def main(arguments, plan \\ Extractor.Plan)

  def main([request, out], plan) do
    Extractor.run(request, out, plan)
  rescue
    error -> error |> Failure.from() |> Log.failure()
  end

  def main(_, _), do: Log.failure(Failure.new(:usage, "two arguments are expected: REQUEST OUT"))

  # At once and without a seal: whatever lies in the output means nothing without one.
  defp terminated do
    Log.error("ended by SIGTERM", code: 143)
    System.halt(143)
  end
end
