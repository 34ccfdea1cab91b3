// Measures the secure log on this machine and this disk:
//
//   dotnet run -c Release --project bench/ActorChat.Storage.Benchmarks -- [verify] [search] [append] [flush] [folder]
//
// About a minute and at most 1.1 GB of disk, in a folder of its own that is removed at the end. A plain program rather than
// BenchmarkDotNet: what is measured takes seconds, and the disk's own rate must be measured right beside the log's.

using System.Globalization;
using System.Runtime.InteropServices;
using ActorChat.Storage.Benchmarks;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var parent = args.FirstOrDefault(Directory.Exists) ?? Path.GetTempPath();
var all = !args.Contains("verify") && !args.Contains("search") && !args.Contains("append") && !args.Contains("flush");
var folder = Directory.CreateDirectory(Path.Combine(parent, $"actorchat-benchmark-{Guid.NewGuid():N}"));
try
{
    var drive = new DriveInfo(folder.FullName);
    Console.WriteLine($"{RuntimeInformation.OSDescription}, {Processor()}, {Environment.ProcessorCount} cores, .NET {Environment.Version}");
    Console.WriteLine($"{folder.FullName} on {drive.DriveFormat}; {DateTime.UtcNow:yyyy-MM-dd}");
    if (all || args.Contains("append"))
    {
        AppendBenchmark.Run(folder.FullName);
    }

    if (all || args.Contains("flush"))
    {
        FlushBenchmark.Run(folder.FullName);
    }

    if (all || args.Contains("search"))
    {
        SearchBenchmark.Run(folder.FullName);
    }

    if (all || args.Contains("verify"))
    {
        VerifyBenchmark.Run(folder.FullName);
    }
}
finally
{
    folder.Delete(recursive: true);
}

static string Processor() => File.Exists("/proc/cpuinfo")
    ? File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("model name", StringComparison.Ordinal)).Split(": ")[1]
    : RuntimeInformation.ProcessArchitecture.ToString();
