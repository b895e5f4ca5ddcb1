defmodule Extractor.PartsTest do
  use ExUnit.Case, async: true

  alias Extractor.{Clock, Connection, Expect, Failure, Guard, Pace, Proxy}

  test "Retry-After is a number of seconds or a date" do
    now = ~U[2026-08-01 00:00:00Z]
    assert Pace.retry_after("120", now) == 120
    assert Pace.retry_after("Sat, 01 Aug 2026 00:01:00 GMT", now) == 60
    assert Pace.retry_after("Fri, 31 Jul 2026 00:00:00 GMT", now) == 0
    assert Pace.retry_after("soon", now) == nil
    assert Pace.retry_after(nil, now) == nil
  end

  test "back-off doubles, with jitter" do
    for failures <- 1..4, _ <- 1..50 do
      pause = Pace.backoff(1.0, failures)
      assert pause >= 2 ** (failures - 1) / 2 and pause <= 2 ** (failures - 1)
    end
  end

  test "no wait outlives the deadline" do
    clock = Clock.new(100)
    assert Clock.wait!(clock, 60_000) == 60_000
    assert Clock.wait!(clock, 600_000) <= 90_000

    assert %Failure{kind: :temporary, retry_after_s: 95} =
             assert_raise(Failure, fn -> Clock.sleep!(clock, 95) end)
  end

  test "redirects stay encrypted and in public" do
    assert Guard.next!("https://a.example/x/y", "../z", 1) == "https://a.example/z"

    for location <- ["http://a.example/", "ftp://a.example/", "https://me@a.example/", "https://", nil] do
      assert_raise Failure, fn -> Guard.next!("https://a.example/x", location, 1) end
    end

    assert_raise Failure, fn -> Guard.next!("https://a.example/", "/again", 6) end
    assert_raise Failure, fn -> Guard.public!("http://169.254.169.254/") end
  end

  test "private addresses are known as such" do
    for host <-
          ~w(127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 100.64.0.1 0.0.0.0 224.0.0.1 [::1] [fe80::1] [fd00::1]
                   [::ffff:10.0.0.1] [64:ff9b::a00:1] localhost) do
      assert Guard.private?("http://#{host}/"), host
    end

    for host <- ~w(8.8.8.8 172.32.0.1 [2606:4700::1]), do: refute(Guard.private?("http://#{host}/"), host)
  end

  # A name server that gives every question back with the same code.
  defp name_server(code) do
    {:ok, socket} = :gen_udp.open(0, [:binary, active: false, ip: {127, 0, 0, 1}])
    {:ok, port} = :inet.port(socket)

    pid =
      start_supervised!(
        {Task,
         fn ->
           for _ <- Stream.cycle([1]) do
             {:ok, {ip, from, <<id::16, _flags::16, counts::binary-size(8), rest::binary>>}} =
               :gen_udp.recv(socket, 0)

             :gen_udp.send(socket, ip, from, <<id::16, 0x8180 + code::16, counts::binary, rest::binary>>)
           end
         end},
        id: code
      )

    :ok = :gen_udp.controlling_process(socket, pid)
    [nameservers: [{{127, 0, 0, 1}, port}]]
  end

  test "a host does not exist where a name server says so, not where it fails" do
    assert Guard.unknown?("https://upstream.example/", name_server(3))
    refute Guard.unknown?("https://upstream.example/", name_server(2))
    refute Guard.unknown?("https://upstream.example/", nameservers: [{{127, 0, 0, 1}, 1}])
  end

  test "proxies and their exceptions" do
    env = %{"HTTPS_PROXY" => "http://proxy.example:3128", "NO_PROXY" => ".internal.example, leagues.example"}
    assert Proxy.find("https://a.example/", env) == "http://proxy.example:3128"
    assert Proxy.find("http://a.example/", env) == nil
    assert Proxy.find("https://leagues.example/", env) == nil
    assert Proxy.find("https://x.internal.example/", env) == nil
    assert Proxy.find("https://a.example/", %{"ALL_PROXY" => "proxy:1", "no_proxy" => "*"}) == nil
  end

  test "a proxy's password is a header, never a part of a message" do
    env = %{"HTTPS_PROXY" => "http://me:p%40ss@proxy.example:3128"}
    proxy = Proxy.of("https://a.example/", env)
    assert {proxy.host, proxy.port} == {"proxy.example", 3128}

    assert IO.iodata_to_binary(Proxy.credentials(proxy)) ==
             "proxy-authorization: Basic #{Base.encode64("me:p@ss")}\r\n"

    failure =
      assert_raise Failure, fn ->
        Proxy.of("https://a.example/", %{"HTTPS_PROXY" => "socks5://me:secret@b"})
      end

    refute failure.message =~ "secret"
  end

  test "a certificate that does not hold is for good, a connection that does not is not" do
    alert = fn kind, text -> {:tls_alert, {kind, text}} end
    assert %Failure{kind: :unavailable} = Connection.failure(alert.(:unknown_ca, ~c"TLS"), "https://a/")
    mismatch = alert.(:handshake_failure, ~c"{bad_cert,hostname_check_failed}")
    assert %Failure{kind: :unavailable} = Connection.failure(mismatch, "https://a/")
    assert %Failure{kind: :temporary} = Connection.failure(:econnrefused, "https://a/")

    assert %Failure{kind: :temporary, message: message} =
             Connection.failure(:timeout, "https://a/?token=secret")

    refute message =~ "secret"
  end

  test "bytes are judged by their ends" do
    assert Expect.fault("json", ~s( {"a": 1}), "}\n") == nil
    assert Expect.fault("json", ~s({"a": 1), "1") =~ "cut"
    assert Expect.fault("json", "a,b", "b") =~ "neither"
    assert Expect.fault("ndjson", ~s({"a": 1}\n[1]), "[1]\n") == nil
    assert Expect.fault("csv", "a,b\n", "b\n") == nil
    assert Expect.fault("csv", "<?xml ?>", ">") =~ "CSV"
    assert Expect.fault("csv", <<0xFF, 0xFE, ?a, 0>>, "") =~ "CSV"
    assert Expect.fault("parquet", "PAR1...", "PAR1") == nil
    assert Expect.fault("parquet", "PAR1...", "...") =~ "Parquet"
    assert Expect.fault("text", "\uFEFF<HTML>", ">") =~ "HTML"
    assert Expect.fault("text", " \n", "\n") =~ "empty"
  end
end
