// The framer, on one stream cut in three ways: whole, byte by byte, and in pieces that the input chooses. After each piece it must have handed out just the
// PDUs that a plain model finds in the bytes so far, and said of the rest just what the model says: no byte twice, none left out, the limit kept to the byte.
//
//   limit 2 | limit of the PDUs after the first few 2 | how many are the first few 1 | number of piece sizes 1, modulo 8 | piece sizes, 1 each | the stream

using System.Buffers.Binary;
using ActorChat.Protocol.Pdus;

namespace ActorChat.Fuzzing.Targets;

internal static class FramerTarget
{
    public static void Run(byte[] input)
    {
        var parts = new Input(input);
        var limits = new Limits(TakeLimit(ref parts), TakeLimit(ref parts), parts.TakeByte());
        var sizes = parts.Take(parts.TakeByte() % 8);
        var stream = parts.Rest;
        var model = new Model(stream, limits);

        Feed(stream, [], limits, model);
        Feed(stream, [1], limits, model);
        Feed(stream, sizes, limits, model);
    }

    private static int TakeLimit(ref Input parts) => BinaryPrimitives.ReadUInt16BigEndian([parts.TakeByte(), parts.TakeByte()]) + 1;

    private static void Feed(ReadOnlySpan<byte> stream, ReadOnlySpan<byte> sizes, Limits limits, Model model)
    {
        var framer = new PduFramer(limits.Of(pdu: 0));
        var handedOut = 0;
        var fed = 0;
        for (var i = 0; fed < stream.Length; i++)
        {
            var size = sizes.IsEmpty ? stream.Length : Math.Min(sizes[i % sizes.Length] + 1, stream.Length - fed);
            framer.Append(stream.Slice(fed, size));
            fed += size;
            var (framing, frames) = Drain(framer, limits, ref handedOut);
            foreach (var (frame, index) in frames)
            {
                Require.That(index < model.Frames.Count, "it hands out a PDU that is not there");
                var (start, end) = model.Frames[index];
                Require.That(end <= fed, "it hands out bytes that it has not received");
                Require.Same(stream[start..end], frame.Span, "a PDU is handed out as it was received");
            }

            var arrived = model.Frames.Count(frame => frame.End <= fed);
            Require.That(handedOut == arrived, $"{arrived} PDUs have arrived, {handedOut} were handed out");
            var expected = model.EndDecidedAt <= fed ? model.End : Framing.Incomplete;
            Require.That(framing == expected, $"after {fed} bytes it says {framing}, not {expected}");
            if (framing != Framing.Incomplete)
            {
                return;
            }
        }
    }

    // All that is there; what was handed out must hold until the next bytes come, so it is looked at afterwards.
    private static (Framing Framing, List<(ReadOnlyMemory<byte> Frame, int Index)> Frames) Drain(PduFramer framer, Limits limits, ref int handedOut)
    {
        var frames = new List<(ReadOnlyMemory<byte>, int)>();
        Framing framing;
        while ((framing = framer.Read(out var frame)) == Framing.Complete)
        {
            frames.Add((frame, handedOut++));
            framer.MaxPduSize = limits.Of(handedOut);
        }

        return (framing, frames);
    }

    // A session raises the limit between two PDUs, once the peer is authenticated.
    private readonly record struct Limits(int Before, int After, byte FirstFew)
    {
        public int Of(int pdu) => pdu < FirstFew ? Before : After;
    }

    // Section 1 of the protocol page, a byte at a time.
    private sealed class Model
    {
        public Model(ReadOnlySpan<byte> stream, Limits limits)
        {
            var (start, depth, inString, escaped) = (0, 0, false, false);
            for (var i = 0; i < stream.Length; i++)
            {
                var b = stream[i];
                if (depth == 0)
                {
                    if (b is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                    {
                        continue;
                    }

                    if (b != '{')
                    {
                        (End, EndDecidedAt) = (Framing.NotAnObject, i + 1);
                        return;
                    }

                    start = i;
                }

                (depth, inString, escaped) = (b, inString, escaped) switch
                {
                    (_, true, true) => (depth, true, false),
                    ((byte)'\\', true, _) => (depth, true, true),
                    ((byte)'"', _, _) => (depth, !inString, false),
                    ((byte)'{', false, _) => (depth + 1, false, false),
                    ((byte)'}', false, _) => (depth - 1, false, false),
                    _ => (depth, inString, false),
                };
                if (i + 1 - start > limits.Of(Frames.Count))
                {
                    (End, EndDecidedAt) = (Framing.TooLong, i + 1);
                    return;
                }

                if (depth == 0)
                {
                    Frames.Add((start, i + 1));
                }
            }
        }

        public List<(int Start, int End)> Frames { get; } = [];

        public Framing End { get; } = Framing.Incomplete;

        public int EndDecidedAt { get; } = int.MaxValue;
    }
}
