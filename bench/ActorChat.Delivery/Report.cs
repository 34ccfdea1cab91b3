// The two forms of a result: lines for people while it runs, and at the end one JSON object for programs (bench/plots.py reads it).

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorChat.Delivery;

/// <summary>Collects what was measured.</summary>
/// <param name="people">Where the lines go.</param>
internal sealed class Report(TextWriter people)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly JsonArray _rows = [];

    /// <summary>Machine, cores, date and load: a figure means nothing without them.</summary>
    public JsonObject Machine { get; } = new()
    {
        ["system"] = RuntimeInformation.OSDescription,
        ["processor"] = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown",
        ["cores"] = Environment.ProcessorCount,
        ["file_system"] = new DriveInfo(Path.GetTempPath()).DriveFormat,
        ["date"] = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
        ["load_before"] = double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture),
    };

    /// <summary>Writes a line for people.</summary>
    public void Say(string line) => people.WriteLine(line);

    /// <summary>Keeps a row for programs.</summary>
    public void Add(string mode, JsonObject row)
    {
        row.Insert(0, "mode", mode);
        _rows.Add(row);
    }

    /// <summary>The heading of <see cref="Deliveries"/>' lines.</summary>
    public void DeliveriesHeading(string first) => Say(
        $"{first,-22} deliveries     /s   p50 ms   p95   p99    max   CPU ms (sender receiver)   switches: sender receiver   KB alloc.: sender receiver   peak MB: s   r   generator ms");

    /// <summary>A block of deliveries, in both forms.</summary>
    /// <param name="mode">The mode.</param>
    /// <param name="name">What is special about this block, as its member and as its value.</param>
    /// <param name="value">The value.</param>
    /// <param name="measured">The block.</param>
    public void Deliveries(string mode, string name, JsonValue value, Measurement measured)
    {
        var (s, r) = (measured.Sender, measured.Receiver);
        Say($"{value,-22} {measured.Deliveries,10} {measured.PerSecond,6:0} {measured.Latency(0.5),8:0.0} {measured.Latency(0.95),5:0.0} {measured.Latency(0.99),5:0.0} {measured.Latency(1),6:0.0} "
            + $"{measured.CpuMilliseconds,8:0.00} ({s.CpuMilliseconds,6:0.00} {r.CpuMilliseconds,8:0.00}) {s.AllSwitches,18:0} {r.AllSwitches,8:0} "
            + $"{s.AllocatedBytes / 1e3,20:0.0} {r.AllocatedBytes / 1e3,8:0.0} {s.PeakResidentBytes / 1e6,14:0} {r.PeakResidentBytes / 1e6,3:0} {measured.GeneratorMilliseconds,12:0.00}");
        var row = measured.ToJson();
        row.Insert(0, name, value);
        Add(mode, row);
    }

    /// <summary>Everything, as one JSON object.</summary>
    public string ToJson() => new JsonObject { ["machine"] = Machine.DeepClone(), ["measurements"] = _rows.DeepClone() }.ToJsonString(Indented);

    /// <summary>The middle one of some figures.</summary>
    public static double Median(IEnumerable<double> figures)
    {
        double[] ordered = [.. figures.Order()];
        return ordered.Length % 2 == 1 ? ordered[ordered.Length / 2] : (ordered[(ordered.Length / 2) - 1] + ordered[ordered.Length / 2]) / 2;
    }
}
