// A real node in a process of its own, driven through its JSON lines.

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace ActorChat.Load;

/// <summary>A node's process.</summary>
internal sealed class NodeUnderLoad : IDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _outcomes = new();
    private int _warnings;
    private int _messages;

    private NodeUnderLoad(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => OnOutput(line.Data);
        process.ErrorDataReceived += (_, line) => Interlocked.Add(ref _warnings, line.Data is null ? 0 : 1);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Lines on standard error so far.</summary>
    public int Warnings => _warnings;

    /// <summary>Messages that arrived so far.</summary>
    public int Messages => _messages;

    /// <summary>The processor time used so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The memory that the process has in use, in bytes (resident set).</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>File descriptors that are open (Linux).</summary>
    public int Descriptors => Directory.GetFileSystemEntries($"/proc/{_process.Id}/fd").Length;

    /// <summary>Starts a node on a free port and waits until it listens.</summary>
    public static async Task<(NodeUnderLoad Node, int Port)> StartAsync(string folder, string name, string directory, string config)
    {
        var file = Path.Combine(folder, $"{name}.json");
        await File.WriteAllTextAsync(file, directory);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite); // else the node warns
        }

        await File.WriteAllTextAsync(Path.Combine(folder, $"{name}.conf"), config);
        string[] arguments = [Path.Combine(AppContext.BaseDirectory, "actorchat.dll"), "--json", "--port", "0", "--name", name,
            "--directory", $"{name}.json", "--config", $"{name}.conf", "--state", name];
        var process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var node = new NodeUnderLoad(process);
        return (node, await node._port.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    /// <summary>Sends a message and waits for its outcome.</summary>
    public async Task<string> SendAsync(string to, string text)
    {
        var reference = Guid.NewGuid().ToString();
        var outcome = _outcomes.GetOrAdd(reference, _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
        var command = JsonSerializer.Serialize(new { to, text, @ref = reference });
        lock (_outcomes)
        {
            _process.StandardInput.WriteLine(command);
            _process.StandardInput.Flush();
        }

        return await outcome.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void OnOutput(string? line)
    {
        if (line is null)
        {
            return;
        }

        using var json = JsonDocument.Parse(line);
        switch (json.RootElement.GetProperty("event").GetString())
        {
            case "listening":
                _port.SetResult(json.RootElement.GetProperty("port").GetInt32());
                break;
            case "sent":
                var reason = json.RootElement.TryGetProperty("reason", out var why) && why.GetString() is { } text ? $": {text}" : "";
                if (_outcomes.TryRemove(json.RootElement.GetProperty("ref").GetString()!, out var outcome))
                {
                    outcome.SetResult(json.RootElement.GetProperty("outcome").GetString() + reason);
                }

                break;
            case "message":
                Interlocked.Increment(ref _messages);
                break;
            case var other:
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {other}: {line}"));
                break;
        }
    }
}
