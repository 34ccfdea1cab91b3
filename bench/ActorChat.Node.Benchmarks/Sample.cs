// Times, and what can be said of them: a median with its 95 % interval, and the interval of a difference of two medians.

namespace ActorChat.Node.Benchmarks;

/// <summary>The times that one thing took, in microseconds.</summary>
internal sealed class Sample(string name)
{
    private const int Resamples = 2000;

    private readonly List<double> _times = [];

    public string Name { get; } = name;

    public void Add(TimeSpan time) => _times.Add(time.TotalMicroseconds);

    public override string ToString()
    {
        var median = Median([.. _times]);
        var (low, high) = Interval(random => Median(Resample(random)));
        return $"  {Name,-48} {median,9:F2}   {low,9:F2} … {high,9:F2}   n = {_times.Count}";
    }

    /// <summary>The difference of the medians with its interval, by the bootstrap.</summary>
    public static string Compare(Sample one, Sample other)
    {
        var difference = Median([.. other._times]) - Median([.. one._times]);
        var (low, high) = Interval(random => Median(other.Resample(random)) - Median(one.Resample(random)));
        var verdict = low <= 0 && high >= 0 ? "no difference is shown" : "they differ";
        return $"  {$"   \"{other.Name[3..]}\" less \"{one.Name[3..]}\""}\n  {"",-48} {difference,9:F2}   {low,9:F2} … {high,9:F2}   {verdict}";
    }

    private static (double Low, double High) Interval(Func<Random, double> statistic)
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, Resamples).Select(_ => statistic(random)).Order().ToArray();
        return (values[(int)(Resamples * 0.025)], values[(int)(Resamples * 0.975)]);
    }

    private static double Median(double[] times)
    {
        Array.Sort(times);
        return (times[(times.Length - 1) / 2] + times[times.Length / 2]) / 2;
    }

    private double[] Resample(Random random)
    {
        var times = new double[_times.Count];
        for (var i = 0; i < times.Length; i++)
        {
            times[i] = _times[random.Next(_times.Count)];
        }

        return times;
    }
}
