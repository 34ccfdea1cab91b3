// The framer on pieces of every size, and at its limits.

using System.Text;
using ActorChat.Protocol.Pdus;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace ActorChat.Protocol.Tests.Pdus;

public sealed class PduFramerTests
{
    private static readonly string[] Objects =
    [
        "{}", "{\"a\": 1}", "{\"a\": {\"b\": {}}, \"c\": [{}]}", "{\"}\": \"{\"}", "{\"\\\"\": \"\\\\\"}", "{\"\\\\\\\"}\": \"\\\"{\\\\\"}", "{\"é\": \"🙂 \"}",
    ];

    [Property(MaxTest = 300)]
    public Property Any_way_of_cutting_a_stream_gives_the_same_PDUs()
    {
        var objects = Gen.ListOf(Gen.Elements(Objects));
        var separators = Gen.Elements("\n", "", "  \r\n\t");
        var cuts = Gen.ListOf(Gen.Choose(1, 9));
        var cases = objects.Zip(separators).Zip(cuts);
        return Prop.ForAll(Arb.From(cases), @case =>
        {
            var ((pdus, separator), sizes) = @case;
            var stream = Encoding.UTF8.GetBytes(string.Concat(pdus.Select(p => p + separator)));
            Assert.Equal(pdus, Frames(stream, [.. sizes]));
        });
    }

    [Fact]
    public void One_byte_at_a_time_gives_the_same_PDUs() =>
        Assert.Equal(Objects, Frames(Encoding.UTF8.GetBytes(string.Join('\n', Objects)), [1]));

    [Theory]
    [InlineData("[1]")]
    [InlineData("\"{}\"")]
    [InlineData("}")]
    [InlineData("GET / HTTP/1.1")]
    [InlineData("\uFEFF{}")]
    [InlineData("\0{}")]
    public void A_stream_that_does_not_begin_with_an_object_is_refused_at_its_first_byte(string stream)
    {
        var framer = new PduFramer(100);
        framer.Append(Encoding.UTF8.GetBytes(stream)[..1]);
        Assert.Equal(Framing.NotAnObject, framer.Read(out _));
    }

    [Fact]
    public void Garbage_after_an_object_is_refused_after_it()
    {
        var framer = new PduFramer(100);
        framer.Append("{} x"u8);
        Assert.Equal(Framing.Complete, framer.Read(out _));
        Assert.Equal(Framing.NotAnObject, framer.Read(out _));
    }

    [Fact]
    public void A_PDU_of_exactly_the_limit_passes_and_one_byte_more_does_not()
    {
        var pdu = "{\"a\": \"" + new string('x', 91) + "\"}";
        Assert.Equal(100, pdu.Length);
        Assert.Equal(Framing.Complete, ReadWhole(pdu, 100));
        Assert.Equal(Framing.TooLong, ReadWhole(pdu, 99));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("\\")] // found by fuzzing: an escape was looked at only with the byte behind it
    public void A_PDU_that_never_ends_is_refused_as_soon_as_it_outgrows_the_limit(string next)
    {
        var framer = new PduFramer(100);
        framer.Append(Encoding.ASCII.GetBytes("{\"a\": \"" + new string('x', 93)));
        Assert.Equal(Framing.Incomplete, framer.Read(out _));
        framer.Append(Encoding.ASCII.GetBytes(next));
        Assert.Equal(Framing.TooLong, framer.Read(out _));
    }

    [Fact]
    public void Many_PDUs_in_one_segment_may_together_be_longer_than_the_limit()
    {
        var frames = Frames(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("{\"a\": 1}\n", 1000))), [9000], limit: 16);
        Assert.Equal(1000, frames.Count);
    }

    [Fact]
    public void The_framer_is_within_a_PDU_from_its_first_byte_to_its_last()
    {
        var framer = new PduFramer(100);
        foreach (var (next, isWithin) in new[] { (" ", false), ("{", true), ("\"a\": {}", true), ("}", false), ("\n", false) })
        {
            framer.Append(Encoding.ASCII.GetBytes(next));
            Assert.Equal(next == "}" ? Framing.Complete : Framing.Incomplete, framer.Read(out _));
            Assert.Equal(isWithin, framer.IsWithinPdu);
        }
    }

    private static Framing ReadWhole(string pdu, int limit)
    {
        var framer = new PduFramer(limit);
        framer.Append(Encoding.ASCII.GetBytes(pdu));
        return framer.Read(out _);
    }

    private static List<string> Frames(byte[] stream, int[] sizes, int limit = 1000)
    {
        var framer = new PduFramer(limit);
        var frames = new List<string>();
        var position = 0;
        for (var i = 0; position < stream.Length; i++)
        {
            var size = Math.Min(sizes.Length == 0 ? stream.Length : sizes[i % sizes.Length], stream.Length - position);
            framer.Append(stream.AsSpan(position, size));
            position += size;
            while (framer.Read(out var pdu) == Framing.Complete)
            {
                frames.Add(Encoding.UTF8.GetString(pdu.Span));
            }
        }

        return frames;
    }
}
