defmodule Wyscout.MixProject do
  use Mix.Project

  # Where the extractor's own parts are: in the repository's SDK, or wherever a copy of it lies.
  @sdk "FIELDHOUSE_ELIXIR_SDK" |> System.get_env("../sdk/elixir") |> Path.expand(__DIR__)

  def project do
    [
      app: :wyscout,
      version: "0.1.0",
      elixir: "~> 1.18",
      deps: [{:extractor, path: @sdk}],
      elixirc_paths: if(Mix.env() == :test, do: ["lib", Path.join(@sdk, "test/support")], else: ["lib"]),
      elixirc_options: [warnings_as_errors: true],
      releases: [extractor: [applications: [wyscout: :permanent], include_executables_for: [:unix], quiet: true]]
    ]
  end

  def application, do: [extra_applications: []]
end
