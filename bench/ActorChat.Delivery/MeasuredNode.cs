// A real node in a process of its own, driven through its JSON lines. Any unexpected output fails the run.

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ActorChat.Delivery;

/// <summary>How nodes are started.</summary>
/// <param name="Program">The published file, or actorchat.dll for one that dotnet runs.</param>
/// <param name="Config">Settings in HOCON to lay over the bench's own, for a trial; empty for none.</param>
/// <param name="Environment">Variables for the nodes, for a trial.</param>
/// <param name="Patience">How long to wait for what must come.</param>
internal sealed record NodeStart(string Program, string Config, IReadOnlyDictionary<string, string> Environment, TimeSpan Patience);

/// <summary>A node's process. It is killed when it is disposed of, whatever happened.</summary>
internal sealed class MeasuredNode : IDisposable
{
    private readonly Process _process;
    private readonly TimeSpan _patience;
    private readonly Probe _probe;
    private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<long, TaskCompletionSource> _outcomes = new();
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly Task _reading;
    private long _lastReference;
    private long _arrived;
    private bool _isStopping;

    private MeasuredNode(Process process, Probe probe, TimeSpan patience)
    {
        (_process, _probe, _patience) = (process, probe, patience);
        Account = new ProcessAccount(process.Id);
        _reading = Task.WhenAll(
            Task.Factory.StartNew(ReadEvents, TaskCreationOptions.LongRunning),
            Task.Factory.StartNew(ReadDiagnostics, TaskCreationOptions.LongRunning));
        AtExit.Add(this);
    }

    /// <summary>What the operating system counts.</summary>
    public ProcessAccount Account { get; }

    /// <summary>Messages that arrived so far.</summary>
    public long Arrived => Interlocked.Read(ref _arrived);

    /// <summary>The port that it listens on.</summary>
    public int Port => _port.Task.Result;

    /// <summary>What its runtime counts.</summary>
    /// <param name="collect">Whether all garbage is collected first.</param>
    public Runtime Runtime(bool collect = false) => _probe.Ask(collect);

    /// <summary>Starts a node on a free port and waits until it listens.</summary>
    /// <param name="start">How.</param>
    /// <param name="folder">Where its files are put; its state is in the folder NAME below, which may be there already.</param>
    /// <param name="name">Its name.</param>
    /// <param name="directory">Its contacts, as JSON.</param>
    /// <param name="config">Settings in HOCON.</param>
    public static async Task<MeasuredNode> StartAsync(NodeStart start, string folder, string name, string directory, string config)
    {
        var file = Path.Combine(folder, $"{name}.json");
        await File.WriteAllTextAsync(file, directory);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite); // else the node warns
        }

        await File.WriteAllTextAsync(Path.Combine(folder, $"{name}.conf"), config + "\n" + start.Config);
        string[] command = start.Program.EndsWith(".dll", StringComparison.Ordinal) ? ["dotnet", start.Program] : [start.Program];
        var info = new ProcessStartInfo(command[0],
            [.. command[1..], "run", "--json", "--port", "0", "--name", name, "--directory", $"{name}.json", "--config", $"{name}.conf", "--state", name])
        {
            WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        var probe = new Probe(Path.Combine(folder, $"{name}.probe"));
        foreach (var (variable, value) in probe.Environment.Concat(start.Environment.Select(pair => new KeyValuePair<string, string?>(pair.Key, pair.Value))))
        {
            info.Environment[variable] = value;
        }

        info.Environment["DOTNET_EnableDiagnostics"] = "1"; // else only root can read its /proc
        var node = new MeasuredNode(Process.Start(info)!, probe, start.Patience);
        try
        {
            await Task.WhenAny(node._port.Task, node._reading).WaitAsync(start.Patience);
            node.MustBeWell();
            return node._port.Task.IsCompleted ? node : throw new BenchException("a node ended before it listened");
        }
        catch
        {
            node.Dispose();
            throw;
        }
    }

    /// <summary>Sends a message and waits until it is delivered.</summary>
    /// <param name="to">The value of "to", as JSON.</param>
    /// <param name="text">The text; no character that JSON escapes.</param>
    /// <exception cref="BenchException">It was not delivered, or not in time.</exception>
    public async Task DeliverAsync(string to, string text)
    {
        var reference = Interlocked.Increment(ref _lastReference);
        var outcome = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _outcomes[reference] = outcome;
        var line = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"to":{{to}},"text":"{{text}}","ref":"{{reference}}"}{{'\n'}}"""));
        lock (_outcomes)
        {
            _process.StandardInput.BaseStream.Write(line);
            _process.StandardInput.BaseStream.Flush();
        }

        try
        {
            await outcome.Task.WaitAsync(_patience);
        }
        catch (TimeoutException)
        {
            MustBeWell();
            throw new BenchException($"a message had no outcome within {_patience.TotalSeconds:0} s");
        }
    }

    /// <summary>Waits until so many messages have arrived, and no more.</summary>
    public async Task ArrivedAsync(long count)
    {
        var watch = Stopwatch.StartNew();
        while (Arrived < count && watch.Elapsed < _patience)
        {
            await Task.Delay(5);
        }

        MustBeWell();
        if (Arrived != count)
        {
            throw new BenchException($"{count} messages were delivered, and {Arrived} arrived");
        }
    }

    /// <summary>Waits until the process has hardly anything to do: what it prepares after its start is done.</summary>
    public async Task QuietAsync()
    {
        const double quiet = 0.2; // of a core
        var watch = Stopwatch.StartNew();
        for (var seconds = 0; seconds < 2;)
        {
            var (before, since) = (Account.ProcessorTime, Stopwatch.GetTimestamp());
            await Task.Delay(1000);
            seconds = (Account.ProcessorTime - before) / Stopwatch.GetElapsedTime(since) < quiet ? seconds + 1 : 0;
            if (watch.Elapsed > _patience)
            {
                throw new BenchException($"a node was still busy {_patience.TotalSeconds:0} s after its start; --patience gives it longer");
            }
        }
    }

    /// <summary>Fails the run if the node has complained.</summary>
    public void MustBeWell()
    {
        if (_complaints.TryPeek(out var complaint))
        {
            throw new BenchException($"a node said: {complaint}");
        }
    }

    /// <summary>Ends the node as its user would, and fails the run unless it ends well.</summary>
    public async Task StopAsync()
    {
        MustBeWell();
        _isStopping = true;
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(_patience);
        await _reading;
        MustBeWell();
        if (_process.ExitCode != 0)
        {
            throw new BenchException($"a node ended with exit code {_process.ExitCode}");
        }
    }

    public void Dispose()
    {
        if (!AtExit.Remove(this))
        {
            return;
        }

        _isStopping = true;
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _reading.Wait(_patience);
        _probe.Dispose();
        _process.Dispose();
    }

    private void ReadDiagnostics()
    {
        while (_process.StandardError.ReadLine() is { } line)
        {
            if (!line.Contains("A secure log was begun", StringComparison.Ordinal))
            {
                Complain(line);
            }
        }
    }

    // Reads lines from the stream's bytes and makes no strings, because the load generator shares the processor with what it measures.
    private void ReadEvents()
    {
        var output = _process.StandardOutput.BaseStream;
        var buffer = new byte[1 << 20];
        var filled = 0;
        while (output.Read(buffer, filled, buffer.Length - filled) is var read && read > 0)
        {
            filled += read;
            var begin = 0;
            while (buffer.AsSpan(begin, filled - begin).IndexOf((byte)'\n') is var length && length >= 0)
            {
                OnEvent(buffer.AsSpan(begin, length));
                begin += length + 1;
            }

            buffer.AsSpan(begin, filled - begin).CopyTo(buffer);
            filled -= begin;
        }

        if (!_isStopping)
        {
            Complain("its output ended");
        }
    }

    private void OnEvent(ReadOnlySpan<byte> line)
    {
        var json = new Utf8JsonReader(line);
        string? kind = null, outcome = null, reason = null;
        long reference = 0;
        var port = 0;
        while (json.Read())
        {
            if (json.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            if (json.ValueTextEquals("event"u8))
            {
                json.Read();
                if (json.ValueTextEquals("message"u8))
                {
                    Interlocked.Increment(ref _arrived);
                    return;
                }

                kind = json.GetString();
            }
            else if (json.ValueTextEquals("ref"u8))
            {
                json.Read();
                reference = long.Parse(json.ValueSpan, CultureInfo.InvariantCulture);
            }
            else if (json.ValueTextEquals("port"u8))
            {
                json.Read();
                port = json.GetInt32();
            }
            else if (json.ValueTextEquals("outcome"u8))
            {
                json.Read();
                outcome = json.ValueTextEquals("delivered"u8) ? null : json.GetString();
            }
            else if (json.ValueTextEquals("reason"u8))
            {
                json.Read();
                reason = json.GetString();
            }
        }

        switch (kind)
        {
            case "sent" when outcome is null && _outcomes.TryRemove(reference, out var delivered):
                delivered.SetResult();
                break;
            case "sent":
                Complain($"{outcome ?? "delivered twice"}: {reason}");
                break;
            case "listening":
                _port.SetResult(port);
                break;
            default:
                Complain(Encoding.UTF8.GetString(line));
                break;
        }
    }

    // The warnings about classic contacts are expected: Pair.Directory has such contacts.
    private void Complain(string complaint)
    {
        if (_complaints.Count < 20 && !complaint.Contains("the profile classic is spoken with", StringComparison.Ordinal))
        {
            _complaints.Enqueue(complaint);
        }

        foreach (var (_, outcome) in _outcomes)
        {
            outcome.TrySetException(new BenchException($"a node said: {complaint}"));
        }
    }
}
