// What a PDU may cost in managed memory. Measured figures: bench/ActorChat.Protocol.Benchmarks.

using ActorChat.Protocol.Pdus;

namespace ActorChat.Protocol.Tests.Pdus;

public sealed class AllocationTests
{
    private const int Times = 1000;

    [Fact]
    public void A_PDU_costs_little_more_memory_than_its_bytes()
    {
        using var sender = TextMessageTests.NewChannel("initiator", "responder");
        using var receiver = TextMessageTests.NewChannel("responder", "initiator");
        var framer = new PduFramer(16_384);
        SealAndRead(); // what is allocated only once is allocated now
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Times; i++)
        {
            SealAndRead();
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Times, 0, 700);

        void SealAndRead()
        {
            framer.Append(sender.Seal(MsgType.Hello, [], 1.5));
            Assert.True(
                framer.Read(out var frame) == Framing.Complete
                && PduChecks.Check(frame, PduFormat.Modern, receiver, 1.5, out _) == Verdict.Accept
                && framer.Read(out _) == Framing.Incomplete);
        }
    }

    [Fact]
    public void A_framer_with_nothing_in_it_holds_no_buffer()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Times; i++)
        {
            GC.KeepAlive(new PduFramer(16_384));
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Times, 0, 100);
    }
}
