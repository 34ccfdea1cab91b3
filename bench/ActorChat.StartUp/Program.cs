// Measures the processor time (user and system) from the command to "listening", and what it goes to, on Linux:
//
//   dotnet publish src/ActorChat --output /tmp/actorchat-published
//   dotnet run -c Release --project bench/ActorChat.StartUp -- /tmp/actorchat-published/actorchat [starts of each kind] [megabytes of log]
//
// With megabytes it measures only what a log of that size adds to a start, in turns with an empty one.
//
// What a step costs is the difference between two commands, one of which ends before that step. Argon2id runs on threads of its own beside the
// start, which does not wait for it, so its part is told apart by those threads.

using System.Globalization;
using System.Runtime.InteropServices;
using ActorChat.Delivery;
using ActorChat.StartUp;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Length == 0)
{
    Console.Error.WriteLine("Which program? Give the published file, or actorchat.dll for one that dotnet runs.");
    return 2;
}

const int people = 5;
var program = Path.GetFullPath(args[0]);
var count = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 20;
var folder = Directory.CreateTempSubdirectory("actorchat-startup");
try
{
    await File.WriteAllTextAsync(Path.Combine(folder.FullName, "nobody.json"), "[]");
    await File.WriteAllTextAsync(Path.Combine(folder.FullName, "people.json"), "[" + string.Join(",", Enumerable.Range(1, people).Select(i =>
        $$"""{"username": "contact{{i}}", "password": "a long secret with number {{i}}", "ip": "192.0.2.{{i}}", "port": 5001}""")) + "]");
    await Start.ToListeningAsync(program, folder.FullName, "people.json", "warm"); // unpacks libsodium, fills the disk cache
    if (args.Length > 2)
    {
        await CompareLogsAsync(int.Parse(args[2], CultureInfo.InvariantCulture));
        return 0;
    }

    double[] Times(Func<int, double> measure) => [.. Enumerable.Range(0, count).Select(measure).Order()];
    var version = Median(Times(_ => Start.ToEnd(program, folder.FullName, "--version")));
    var settings = Median(Times(_ => Start.ToEnd(program, folder.FullName, "--json", "--listen", "nowhere")));
    var system = Median(Times(_ => Start.ToLineAsync(program, folder.FullName, "--json", "--port", "0", "--directory", "missing.json").Result));
    var nobody = Median(Times(i => Start.ToListeningAsync(program, folder.FullName, "nobody.json", $"nobody{i}").Result.All));
    var first = Enumerable.Range(0, count).Select(i => Start.ToListeningAsync(program, folder.FullName, "people.json", $"people{i}", untilSecretsAreKept: true).Result).ToArray();
    var again = Times(_ => Start.ToListeningAsync(program, folder.FullName, "people.json", "people0").Result.All);
    var all = first.Select(start => start.All).Order().ToArray();
    var argon2 = Median([.. first.Select(start => start.Argon2).Order()]);

    Console.WriteLine($"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores, {DateTime.UtcNow:yyyy-MM-dd}; {count} starts of each kind, {people} contacts");
    Console.WriteLine("median of the processor time, ms");
    Row(".NET and the command line (--version)", version);
    Row("the settings (HOCON)", settings - version);
    Row("the actor system, diagnostics, the server socket", system - settings);
    Row("the directory, a new secure log, the listening line", nobody - system);
    Row("the contacts, and Argon2id beside the start", Median(all) - nobody);
    Row("from the command to \"listening\", in all", Median(all));
    Console.WriteLine($"{"",4}lowest {all[0]:0}, highest {all[^1]:0}; {argon2:0} of it are Argon2id, so {Median(all) - argon2:0} without");
    Row("every later start, with the secrets kept", Median(again));
    Row($"Argon2id in all, for {people} contacts, once", Median([.. first.Select(start => start.Argon2InAll).Order()]));
    return 0;
}
finally
{
    folder.Delete(recursive: true);
}

async Task CompareLogsAsync(int megabytes)
{
    PastLog.Write(Path.Combine(folder.FullName, "past"), megabytes * 1_000_000L);
    var (empty, full) = (new List<double>(), new List<double>());
    for (var i = 0; i <= count; i++)
    {
        empty.Add((await Start.ToListeningAsync(program, folder.FullName, "nobody.json", "empty")).All);
        full.Add((await Start.ToListeningAsync(program, folder.FullName, "nobody.json", "past")).All);
    }

    double[] ratios = [.. full.Zip(empty, (past, none) => past / none).Skip(1).Order()]; // the first start of each makes or warms something
    Row("a start with an empty log", Median([.. empty.Skip(1).Order()]));
    Row($"a start with a log of {megabytes} MB", Median([.. full.Skip(1).Order()]));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the one over the other: {Median(ratios):0.00} ({ratios[0]:0.00} to {ratios[^1]:0.00}), {count} turns"));
}

static double Median(double[] ordered) => ordered[ordered.Length / 2];

static void Row(string what, double milliseconds) => Console.WriteLine($"{what,-56}{milliseconds,6:0}");
