// What one block of deliveries cost, and at which end.

using System.Text.Json.Nodes;

namespace ActorChat.Delivery;

/// <summary>One end's cost for each delivery.</summary>
/// <param name="CpuMilliseconds">Processor time, user and system.</param>
/// <param name="Switches">Context switches of all threads: voluntary and not.</param>
/// <param name="AllocatedBytes">Allocated on the managed heap.</param>
/// <param name="PeakResidentBytes">The most resident memory during the block.</param>
/// <param name="Collections">Garbage collections in the whole block.</param>
/// <param name="PausedMilliseconds">How long they stopped the process in the whole block.</param>
internal sealed record Cost(
    double CpuMilliseconds, (double Voluntary, double Involuntary) Switches, double AllocatedBytes, long PeakResidentBytes, long Collections, double PausedMilliseconds)
{
    public double AllSwitches => Switches.Voluntary + Switches.Involuntary;

    public JsonObject ToJson() => new()
    {
        ["cpu_ms"] = Round(CpuMilliseconds),
        ["voluntary_switches"] = Round(Switches.Voluntary),
        ["involuntary_switches"] = Round(Switches.Involuntary),
        ["allocated_bytes"] = Round(AllocatedBytes),
        ["peak_resident_bytes"] = PeakResidentBytes,
        ["collections"] = Collections,
        ["paused_ms"] = Round(PausedMilliseconds),
    };

    public static double Round(double value) => Math.Round(value, 4);
}

/// <summary>Reads a node's counters before and after a block.</summary>
internal sealed class NodeMeter
{
    private readonly MeasuredNode _node;
    private readonly Runtime _runtime;
    private readonly Switches _switches;
    private readonly TimeSpan _processorTime;

    private NodeMeter(MeasuredNode node)
    {
        node.Account.ForgetPeak();
        (_node, _runtime, _switches, _processorTime) = (node, node.Runtime(), node.Account.CountSwitches(), node.Account.ProcessorTime);
    }

    public static NodeMeter Begin(MeasuredNode node) => new(node);

    public Cost End(int deliveries)
    {
        var processorTime = _node.Account.ProcessorTime - _processorTime;
        var switches = _node.Account.CountSwitches() - _switches;
        var runtime = _node.Runtime();
        return new Cost(
            processorTime.TotalMilliseconds / deliveries,
            ((double)switches.Voluntary / deliveries, (double)switches.Involuntary / deliveries),
            (double)(runtime.Allocated - _runtime.Allocated) / deliveries,
            _node.Account.PeakResident,
            runtime.Collections.Gen0 - _runtime.Collections.Gen0, // a collection of a higher generation counts in the lower ones too
            (runtime.Paused - _runtime.Paused).TotalMilliseconds);
    }
}

/// <summary>A block of deliveries.</summary>
internal sealed class Measurement
{
    private readonly double[] _latencies;

    /// <param name="elapsed">From the first line written to the last outcome read.</param>
    /// <param name="latencies">From each line written to its outcome, in milliseconds.</param>
    /// <param name="sender">alice's cost.</param>
    /// <param name="receiver">bob's cost.</param>
    /// <param name="generator">The processor time of the bench itself.</param>
    public Measurement(TimeSpan elapsed, IEnumerable<double> latencies, Cost sender, Cost receiver, TimeSpan generator)
    {
        _latencies = [.. latencies.Order()];
        (Elapsed, Sender, Receiver, GeneratorMilliseconds) = (elapsed, sender, receiver, generator.TotalMilliseconds / _latencies.Length);
    }

    public TimeSpan Elapsed { get; }

    public Cost Sender { get; }

    public Cost Receiver { get; }

    public double GeneratorMilliseconds { get; }

    public int Deliveries => _latencies.Length;

    public double PerSecond => Deliveries / Elapsed.TotalSeconds;

    /// <summary>Both ends together, for each delivery.</summary>
    public double CpuMilliseconds => Sender.CpuMilliseconds + Receiver.CpuMilliseconds;

    /// <summary>The latency that this share of the deliveries did not exceed, in milliseconds.</summary>
    public double Latency(double share) => _latencies[Math.Min(Deliveries - 1, (int)(share * Deliveries))];

    public JsonObject ToJson() => new()
    {
        ["deliveries"] = Deliveries,
        ["seconds"] = Cost.Round(Elapsed.TotalSeconds),
        ["per_second"] = Cost.Round(PerSecond),
        ["p50_ms"] = Cost.Round(Latency(0.5)),
        ["p95_ms"] = Cost.Round(Latency(0.95)),
        ["p99_ms"] = Cost.Round(Latency(0.99)),
        ["max_ms"] = Cost.Round(Latency(1)),
        ["cpu_ms"] = Cost.Round(CpuMilliseconds),
        ["generator_cpu_ms"] = Cost.Round(GeneratorMilliseconds),
        ["sender"] = Sender.ToJson(),
        ["receiver"] = Receiver.ToJson(),
    };
}
