// The memory of secrets: whole pages that the system keeps out of swap and of core files (mlock and MADV_DONTDUMP, by libsodium; VirtualLock on Windows),
// cut into places of 32, 64, 128… bytes. A returned place is the next to be handed out, so a conversation's keys cost no system call.

using System.Numerics;
using System.Runtime.InteropServices;

// Native libraries are never loaded from the working directory.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]

namespace ActorChat.Secrets;

/// <summary>Locked memory for the whole process. It grows with the number of secrets in use at once and never shrinks.</summary>
public static unsafe partial class LockedMemory
{
    private const int SmallestPlace = 32;
    private const int LeastPiece = 16 * 1024;

    private static readonly Lock Lock = new();
    private static readonly Stack<nint>[] Free = [.. Enumerable.Range(0, 32 - BitOperations.Log2(SmallestPlace)).Select(_ => new Stack<nint>())];

    private static string? _refusal;
    private static Action<string>? _say;

    /// <summary>Reports once, now or later, that the system refuses to lock memory. The memory is then used unlocked. The usual cause is the limit "ulimit -l".</summary>
    /// <param name="say">Receives the sentence, for the diagnostic log. It must not rent locked memory itself.</param>
    public static void WhenRefused(Action<string> say)
    {
        lock (Lock)
        {
            _say = say;
            if (_refusal is not null)
            {
                say(_refusal);
            }
        }
    }

    /// <summary>A place for <paramref name="length"/> bytes, all zero.</summary>
    internal static nint Rent(int length)
    {
        var size = PlaceFor(length, out var free);
        lock (Lock)
        {
            if (free.Count == 0)
            {
                AddPiece(size, free);
            }

            return free.Pop();
        }
    }

    /// <summary>Takes back a place that the caller has cleared.</summary>
    internal static void Return(nint place, int length)
    {
        PlaceFor(length, out var free);
        lock (Lock)
        {
            free.Push(place);
        }
    }

    private static int PlaceFor(int length, out Stack<nint> free)
    {
        var size = Math.Max(SmallestPlace, checked((int)BitOperations.RoundUpToPowerOf2((uint)length)));
        free = Free[BitOperations.Log2((uint)size / SmallestPlace)];
        return size;
    }

    private static void AddPiece(int size, Stack<nint> free)
    {
        var page = Environment.SystemPageSize;
        var length = Math.Max(size, Math.Max(page, LeastPiece));
        var piece = (nint)NativeMemory.AlignedAlloc((nuint)length, (nuint)page);
        if (LockPages(piece, (nuint)length) != 0 && _refusal is null)
        {
            _refusal = $"memory for keys could not be locked: {Marshal.GetLastPInvokeErrorMessage()}";
            _say?.Invoke(_refusal);
        }

        new Span<byte>((void*)piece, length).Clear();
        for (var at = length - size; at >= 0; at -= size)
        {
            free.Push(piece + at);
        }
    }

    [LibraryImport("libsodium", EntryPoint = "sodium_mlock", SetLastError = true)]
    private static partial int LockPages(nint address, nuint length);
}
