// When a message that did not get through is tried again. Two rules: what kind of failure is worth another try, and how long to wait before it.

using System.Buffers.Binary;
using ActorChat.Protocol.Cryptography;

namespace ActorChat.Node.Limits;

/// <summary>The schedule of attempts.</summary>
/// <param name="limits">How often.</param>
/// <param name="random">Spreads the attempts, so that nodes that lost each other at the same moment do not all try again at the same moment.</param>
internal sealed class Retries(RetryLimits limits, IRandomSource random)
{
    private readonly TokenBucket _attempts = new(limits.PerSecond, limits.PerSecond);

    /// <summary>The shortest time between two attempts to one recipient that were brought forward.</summary>
    public TimeSpan First => limits.First;

    /// <summary>Whether a later attempt may succeed without anybody changing a password, a setting or the message.</summary>
    public static bool IsWorthwhileAfter(FailureKind kind) => kind switch
    {
        FailureKind.WrongPassword => false,
        FailureKind.SomebodyElseAnswered => false,
        FailureKind.NoPostQuantum => false,
        FailureKind.NotInDirectory => false,
        FailureKind.TooLong => false,
        FailureKind.NotLogged => false,
        _ => true, // nobody there, no way there, no answer, lost on the way, refused for being busy, clocks, another program at that port, our own end
    };

    /// <summary>How long to wait after a number of failures in a row: the first wait, doubled with each failure up to the longest, minus a random part of up to a quarter.</summary>
    public TimeSpan WaitAfter(int failures)
    {
        var wait = limits.First.TotalSeconds * Math.Pow(2, Math.Min(failures, 64) - 1);
        Span<byte> chance = stackalloc byte[sizeof(ushort)];
        random.Fill(chance);
        var part = 1 - (BinaryPrimitives.ReadUInt16LittleEndian(chance) / (4.0 * ushort.MaxValue));
        return TimeSpan.FromSeconds(Math.Min(wait, limits.Longest.TotalSeconds) * part);
    }

    /// <summary>Takes one of the attempts of this second, if there is one.</summary>
    public bool TryTake(TimeSpan now)
    {
        if (!_attempts.HasToken(now))
        {
            return false;
        }

        _attempts.Take(now);
        return true;
    }

    /// <summary>How long it is until <see cref="TryTake"/> succeeds.</summary>
    public TimeSpan UntilNext(TimeSpan now) => _attempts.UntilToken(now);
}
