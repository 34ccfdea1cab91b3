// The memory of secrets as Linux reports it in /proc/self/smaps, and its reuse. Nothing else in this process uses these odd lengths.

using System.Runtime.CompilerServices;
using ActorChat.Secrets;

namespace ActorChat.Node.Tests.Hardening;

public sealed class LockedBytesTests
{
    [LockingFact]
    public void A_secret_is_kept_out_of_swap_and_of_core_files()
    {
        using var secret = new LockedBytes(32);

        var flags = FlagsAt(AddressOf(secret));
        Assert.Contains("lo", flags);
        Assert.Contains("dd", flags);
    }

    [Fact]
    public void A_secret_that_was_given_back_is_cleared_and_cannot_be_read()
    {
        var secret = new LockedBytes(Enumerable.Repeat((byte)7, 20_001).ToArray());
        var place = AddressOf(secret);
        secret.Dispose();

        Assert.Throws<ObjectDisposedException>(() => secret.Span.Length);
        using var next = new LockedBytes(20_001);
        Assert.Equal(place, AddressOf(next));
        Assert.Equal(-1, next.Span.IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void A_place_that_is_given_back_twice_is_handed_out_once()
    {
        var secret = new LockedBytes(40_001);
        secret.Dispose();
        secret.Dispose();

        using var one = new LockedBytes(40_001);
        using var other = new LockedBytes(40_001);
        Assert.NotEqual(AddressOf(one), AddressOf(other));
    }

    [Fact]
    public void Secrets_of_any_lengths_lie_beside_each_other()
    {
        var secrets = Enumerable.Range(1, 5_000).Select(length => new LockedBytes(Enumerable.Repeat((byte)length, length).ToArray())).ToList();

        Assert.All(secrets, secret => Assert.Equal(-1, secret.Span.IndexOfAnyExcept((byte)secret.Length)));
        secrets.ForEach(secret => secret.Dispose());
    }

    private static long AddressOf(LockedBytes secret) => Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref secret.Span[0]);

    // A piece begins with a line such as "7f0c1c000000-7f0c1c021000 rw-p …" and ends with one such as "VmFlags: rd wr lo dd".
    private static string[] FlagsAt(long address)
    {
        var isThere = false;
        foreach (var words in File.ReadLines("/proc/self/smaps").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            if (words[0] == "VmFlags:" && isThere)
            {
                return words[1..];
            }

            if (words[0].Split('-') is [var from, var to])
            {
                isThere = Convert.ToInt64(from, 16) <= address && address < Convert.ToInt64(to, 16);
            }
        }

        return [];
    }

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class LockingFactAttribute : FactAttribute
    {
        public LockingFactAttribute()
        {
            LockedMemory.WhenRefused(refusal => Skip = refusal);
            using var secret = new LockedBytes(32);
            if (!OperatingSystem.IsLinux())
            {
                Skip = "only Linux shows what memory is locked";
            }
        }
    }
}
