// What Linux accounts to a process: processor time to the nanosecond, context switches, memory.

using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ActorChat.Delivery;

/// <summary>Context switches of a process.</summary>
/// <param name="Voluntary">A thread waited.</param>
/// <param name="Involuntary">A thread was preempted, or yielded while it had more to do.</param>
internal readonly record struct Switches(long Voluntary, long Involuntary)
{
    public long All => Voluntary + Involuntary;

    public static Switches operator +(Switches a, Switches b) => new(a.Voluntary + b.Voluntary, a.Involuntary + b.Involuntary);

    public static Switches operator -(Switches a, Switches b) => new(a.Voluntary - b.Voluntary, a.Involuntary - b.Involuntary);
}

/// <summary>Reads /proc for one process. Call <see cref="CountSwitches"/> now and then: a thread that has ended takes along what it did since the last call.</summary>
/// <param name="processId">The process.</param>
internal sealed class ProcessAccount(int processId)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Switches> _ofThreads = [];

    /// <summary>Processor time of all threads, the ended ones too, user and system.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            const int ofAllThreads = 2; // CPUCLOCK_SCHED in linux/posix-timers.h; a process's clock has this number
            if (GetTime((~processId << 3) | ofAllThreads, out var time) != 0)
            {
                throw new Win32Exception($"the processor time of process {processId} cannot be read");
            }

            return TimeSpan.FromTicks((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick));
        }
    }

    /// <summary>Resident memory, in bytes.</summary>
    public long Resident => Status("VmRSS");

    /// <summary>Anonymous resident memory, in bytes: heaps and stacks.</summary>
    public long Anonymous => Status("RssAnon");

    /// <summary>The most resident memory since <see cref="ForgetPeak"/>, in bytes.</summary>
    public long PeakResident => Status("VmHWM");

    /// <summary>Threads that are there now.</summary>
    public int Threads => Directory.GetDirectories($"/proc/{processId}/task").Length;

    /// <summary>Begins a new <see cref="PeakResident"/>.</summary>
    public void ForgetPeak() => File.WriteAllText($"/proc/{processId}/clear_refs", "5");

    /// <summary>Context switches of all threads since the process began.</summary>
    public Switches CountSwitches()
    {
        lock (_lock)
        {
            foreach (var thread in Directory.EnumerateDirectories($"/proc/{processId}/task"))
            {
                try
                {
                    var status = File.ReadAllLines(Path.Combine(thread, "status"));
                    _ofThreads[thread] = new Switches(Figure(status, "voluntary_ctxt_switches"), Figure(status, "nonvoluntary_ctxt_switches"));
                }
                catch (IOException) when (!Directory.Exists(thread))
                {
                    // ended between the listing and the reading: what was read last of it stands
                }
            }

            return _ofThreads.Values.Aggregate(default(Switches), (sum, thread) => sum + thread);
        }
    }

    private long Status(string name) => 1024 * Figure(File.ReadAllLines($"/proc/{processId}/status"), name);

    private static long Figure(string[] status, string name) => long.Parse(
        status.Single(line => line.StartsWith(name + ":", StringComparison.Ordinal)).Split(':')[1].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    [DllImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static extern int GetTime(int clock, out Time time);

    private readonly struct Time
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;
    }
}
