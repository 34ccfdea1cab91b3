// Puts a real node under attack on 127.0.0.1 and measures what a real contact notices of it:
//
//   dotnet run -c Release --project bench/ActorChat.Load -- [idle connections] [dripping ones] [seconds of each phase] [talkative]
//
// By default 5,000, 2,000 and 30 s: three minutes in all, bounded in every direction. The attackers have 140 addresses and more;
// the contact sends one message after another. At the end the node must be as it was. With "talkative" both nodes and Akka write down all they can,
// which makes them slow, and their log files are searched for what must not be in them.

using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ActorChat.Load;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var idle = Argument(0, 5000);
var dripping = Argument(1, 2000);
var phase = TimeSpan.FromSeconds(Argument(2, 30));
const string password = "a password that only these two know";
const string text = "a message of some length, as people write them";
var isTalkative = args.Contains("talkative");
var folder = Directory.CreateTempSubdirectory("actorchat-load");
try
{
    Console.WriteLine($"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores, .NET {Environment.Version}, {DateTime.UtcNow:yyyy-MM-dd}");
    var (bob, port) = await NodeUnderLoad.StartAsync(folder.FullName, "bob", $$"""[{"username": "alice", "password": "{{password}}", "ip": "127.0.0.1", "port": 1}]""", Config("bob"));
    using var victim = bob;
    var (alice, _) = await NodeUnderLoad.StartAsync(folder.FullName, "alice", $$"""[{"username": "bob", "password": "{{password}}", "ip": "127.0.0.1", "port": {{port}}}]""", Config("alice"));
    using var contact = alice;

    Console.WriteLine("phase                     messages  not delivered   p50 ms   p99 ms   max ms   calls/s    MB/s   open   node's CPU   memory MB    most files   warnings");
    await PhaseAsync("warming up", _ => { });
    await PhaseAsync("quiet", _ => { });
    var (memory, descriptors) = (bob.Memory, bob.Descriptors);
    await PhaseAsync($"{idle} idle, {dripping} dripping", attack =>
    {
        attack.AddIdle(idle);
        attack.AddDripping(dripping);
    });
    await PhaseAsync("garbage at full speed", attack => attack.AddGarbage(100));
    await PhaseAsync("callers in haste", attack => attack.AddHasty(2000));
    await PhaseAsync("quiet again", _ => { });
    Console.WriteLine($"memory {memory / 1e6:0.0} MB before, {bob.Memory / 1e6:0.0} MB after ({100.0 * (bob.Memory - memory) / memory:+0;-0;0} %); descriptors {descriptors} before, {bob.Descriptors} after; {bob.Messages} messages arrived");

    if (isTalkative)
    {
        string[] logs = [.. Directory.EnumerateFiles(folder.FullName, "*.log").Select(ReadShared)];
        var leaks = logs.Sum(log => new[] { password, text }.Count(secret => log.Contains(secret, StringComparison.Ordinal)));
        Console.WriteLine($"{logs.Sum(log => (long)log.Length) / 1e6:0.0} MB in {logs.Length} log files; {leaks} of them hold the password or the message");
    }

    async Task PhaseAsync(string name, Action<Attack> begin)
    {
        await using var attack = new Attack(port);
        begin(attack);
        var (watch, processor, warnings) = (Stopwatch.StartNew(), bob.ProcessorTime, bob.Warnings);
        var peak = 0;
        var times = new List<double>();
        var failures = new List<string>();
        while (watch.Elapsed < phase)
        {
            var sent = Stopwatch.GetTimestamp();
            var outcome = await alice.SendAsync("bob", text);
            peak = Math.Max(peak, bob.Descriptors);
            times.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            if (outcome != "delivered")
            {
                failures.Add(outcome);
            }

            await Task.Delay(20);
        }

        times.Sort();
        var seconds = watch.Elapsed.TotalSeconds;
        Console.WriteLine($"{name,-25} {times.Count,8} {failures.Count,14} {At(0.5),8:0.0} {At(0.99),8:0.0} {times[^1],8:0.0} {attack.Connections / seconds,9:0} "
            + $"{attack.Bytes / 1e6 / seconds,7:0.0} {attack.Open,6} {(bob.ProcessorTime - processor).TotalSeconds / seconds,12:0 %} {bob.Memory / 1e6,11:0.0} {peak,13} {bob.Warnings - warnings,10}");
        foreach (var failure in failures.Distinct().Take(3))
        {
            Console.WriteLine($"  {failure}");
        }

        double At(double share) => times[Math.Min(times.Count - 1, (int)(share * times.Count))];
    }
}
finally
{
    folder.Delete(recursive: true);
}

string Config(string name) => !isTalkative ? "" : $$"""
    actorchat.log {
      file = "{{name}}.log"
      file-level = debug
    }
    akka {
      log-config-on-start = on
      log-dead-letters = on
      io.tcp.trace-logging = on
      actor.debug {
        receive = on
        autoreceive = on
        lifecycle = on
        unhandled = on
        event-stream = on
      }
    }
    """;

// A file that a node is writing.
static string ReadShared(string path)
{
    using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
    return reader.ReadToEnd();
}

int Argument(int index, int otherwise) => args.Length > index ? int.Parse(args[index], CultureInfo.InvariantCulture) : otherwise;
