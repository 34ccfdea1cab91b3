// What a target demands of the code under test. A demand that is not met throws, and the fuzzer counts an exception as a crash.

namespace ActorChat.Fuzzing;

/// <summary>The code under test did not keep a promise.</summary>
internal sealed class BrokenPromiseException(string promise) : Exception(promise);

internal static class Require
{
    /// <summary>Demands that <paramref name="kept"/> is true.</summary>
    public static void That(bool kept, string promise)
    {
        if (!kept)
        {
            throw new BrokenPromiseException(promise);
        }
    }

    /// <summary>Demands that two sequences of bytes are the same.</summary>
    public static void Same(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual, string promise) => That(expected.SequenceEqual(actual), promise);

    /// <summary>Runs something that may allocate <paramref name="fixedBytes"/> and so many bytes more for each byte of input: input from
    /// a stranger must not take memory out of all proportion to its size.</summary>
    public static T Within<T>(long fixedBytes, long bytesPerByte, int inputSize, Func<T> action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = action();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        That(allocated <= fixedBytes + (bytesPerByte * inputSize), $"{inputSize} bytes of input made it allocate {allocated}");
        return result;
    }
}
