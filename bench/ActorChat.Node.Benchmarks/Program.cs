// Measures the secure log through its actor, as sessions use it: senders that each wait for their record to be on disk before the next.
//
//   dotnet run -c Release --project bench/ActorChat.Node.Benchmarks -- [folder]
//
// Half a minute and at most a few hundred megabytes, in a folder of its own that is removed at the end. In another mode it measures what a
// peer can tell by the time that answers take (TimingMeasurement.cs):
//
//   dotnet run -c Release --project bench/ActorChat.Node.Benchmarks -- timing [rounds]

using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ActorChat.Node;
using ActorChat.Node.Benchmarks;
using Akka.Actor;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.FirstOrDefault() == "timing")
{
    return await TimingMeasurement.RunAsync(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 2000);
}

var duration = TimeSpan.FromSeconds(5);
var parent = args.FirstOrDefault(Directory.Exists) ?? Path.GetTempPath();
var folder = Directory.CreateDirectory(Path.Combine(parent, $"actorchat-benchmark-{Guid.NewGuid():N}"));
try
{
    Console.WriteLine($"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores, .NET {Environment.Version}, {new DriveInfo(folder.FullName).DriveFormat}, {DateTime.UtcNow:yyyy-MM-dd}");
    Console.WriteLine("senders   records/s     (200 bytes of text; each waits for its record to be on disk)");
    foreach (var senders in new[] { 1, 8, 64, 512 })
    {
        Console.WriteLine($"{senders,7}   {await MeasureAsync(Path.Combine(folder.FullName, $"{senders}"), senders),9:0}");
    }

    Console.WriteLine($"the disk by itself: {MeasureDisk(Path.Combine(folder.FullName, "disk")):0} times 20 KB appended and synced a second; a flush needs two syncs");
}
finally
{
    folder.Delete(recursive: true);
}

return 0;

async Task<double> MeasureAsync(string path, int senders)
{
    using var system = ActorSystem.Create("benchmark", NodeSettings.LoadConfig("akka.loglevel = OFF"));
    var log = system.ActorOf(SecureLogActor.Props(new NobodysConsole(), NodeSettings.Read(NodeSettings.LoadConfig()), TimeProvider.System));
    if (await log.Ask(new SecureLogActor.Open(path, null)) is not SecureLogActor.Opened)
    {
        throw new InvalidOperationException("The log cannot be opened.");
    }

    var counters = Enumerable.Range(0, senders).Select(_ => new Counter()).ToArray();
    var watch = Stopwatch.StartNew();
    foreach (var counter in counters)
    {
        system.ActorOf(Props.Create(() => new Sender(log, counter)));
    }

    await Task.Delay(duration);
    var rate = counters.Sum(counter => Volatile.Read(ref counter.Stored)) / watch.Elapsed.TotalSeconds;
    await log.Ask(new SecureLogActor.Close());
    await system.Terminate();
    return rate;
}

double MeasureDisk(string path)
{
    using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
    var bytes = new byte[20_000];
    var watch = Stopwatch.StartNew();
    var times = 0;
    for (; watch.Elapsed < duration; times++)
    {
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    return times / watch.Elapsed.TotalSeconds;
}
