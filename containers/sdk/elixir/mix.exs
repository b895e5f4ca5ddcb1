defmodule Extractor.MixProject do
  use Mix.Project

  def project do
    [
      app: :extractor,
      version: "0.1.0",
      elixir: "~> 1.18",
      deps: [],
      elixirc_paths: if(Mix.env() == :test, do: ["lib", "test/support"], else: ["lib"]),
      elixirc_options: [warnings_as_errors: true],
      releases: [extractor: [include_executables_for: [:unix], quiet: true]]
    ]
  end

  # A release holds only the applications that are named: OTP's TLS, hashes, and (inets) dates as HTTP writes them.
  def application, do: [extra_applications: [:inets, :ssl, :public_key, :crypto]]
end
