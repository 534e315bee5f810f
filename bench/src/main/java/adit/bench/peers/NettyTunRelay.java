package adit.bench.peers;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultEventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import org.drasyl.channel.tun.Tun4Packet;
import org.drasyl.channel.tun.TunAddress;
import org.drasyl.channel.tun.TunChannel;
import org.drasyl.channel.tun.TunChannelOption;
import org.drasyl.channel.tun.TunPacket;

/// A relay on netty-tun: its channel on the only kind of event loop that it accepts, and Netty's epoll datagram
/// channel, connected, with sendmmsg and recvmmsg, as the underlay.
public final class NettyTunRelay {
    private static final int SOCKET_BUFFER = 8 << 20;
    private static final int DATAGRAMS_PER_READ = 32;

    private NettyTunRelay() {}

    /// Runs until it is killed.
    public static void main(String[] args) throws InterruptedException {
        int port = Integer.parseInt(args[3]);
        int mtu = Integer.parseInt(args[4]);
        Forward toSocket = new Forward();
        Forward toTun = new Forward();
        Channel tun = new Bootstrap()
                .group(new DefaultEventLoopGroup(1))
                .channel(TunChannel.class)
                .option(TunChannelOption.TUN_MTU, mtu)
                .handler(toSocket)
                .bind(new TunAddress(args[0]))
                .sync()
                .channel();
        Channel socket = new Bootstrap()
                .group(new EpollEventLoopGroup(1))
                .channel(EpollDatagramChannel.class)
                .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER)
                .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER)
                .option(ChannelOption.RCVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(DATAGRAMS_PER_READ * mtu))
                .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, mtu)
                .handler(toTun)
                .connect(new InetSocketAddress(args[2], port), new InetSocketAddress(args[1], port))
                .sync()
                .channel();
        toSocket.target = socket;
        toTun.target = tun;
        tun.closeFuture().sync();
    }

    /// Writes what it reads to the other channel, and flushes when a batch of reads is through.
    @ChannelHandler.Sharable
    private static final class Forward extends ChannelInboundHandlerAdapter {
        private volatile Channel target;

        // The void promise tells nobody: a packet that can't be written is lost, as on any wire.
        @SuppressWarnings("FutureReturnValueIgnored")
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (target == null || !target.isWritable()) {
                ReferenceCountUtil.release(message);
                return;
            }
            Object packet = switch (message) {
                case TunPacket fromTun -> fromTun.content();
                case DatagramPacket fromSocket -> new Tun4Packet(fromSocket.content());
                default -> throw new IllegalStateException("unexpected " + message);
            };
            target.write(packet, target.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            if (target != null) {
                target.flush();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
            // ECONNREFUSED while the other end is not up yet; the packet is lost.
        }
    }
}
