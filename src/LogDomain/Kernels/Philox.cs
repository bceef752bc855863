using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>
/// Philox4x32-10, a random number generator without a state: number i of a stream is a function of the seed, the stream and i alone, so that draws are the same whatever
/// the order, the batch or the number of threads in which they are made.
/// </summary>
/// <remarks>
/// J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 3.3: ten rounds of a bijection of four words of
/// 32 bits, which passes every test of TestU01's BigCrush. The key is the seed; the counter holds the number of the block in its lower half and the stream in its upper.
/// </remarks>
/// <param name="seed">Any number; different seeds give independent numbers.</param>
/// <param name="stream">Any number; the streams of one seed are independent.</param>
internal readonly struct Philox(ulong seed, ulong stream = 0)
{
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57;   // the paper's section 3.3
    private const uint Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;               // the golden ratio, and sqrt(3) - 1
    private const int Rounds = 10;

    /// <summary>Number <paramref name="index"/> of the stream, uniform on the open interval (0, 1): never 0 and never 1, so that its logarithm and its quantiles are finite.</summary>
    public double Uniform(ulong index)
    {
        (ulong first, ulong second) = Block(index >> 1);
        return ToOpenInterval((index & 1) == 0 ? first : second);
    }

    /// <summary>Number <paramref name="index"/> of the stream, from the standard normal distribution: the quantile of <see cref="Uniform(ulong)"/>.</summary>
    public double Normal(ulong index) => NormalQuantile.Of(Uniform(index));

    /// <summary>Numbers <paramref name="first"/>, <paramref name="first"/> + 1, ... of the stream, as <see cref="Uniform(ulong)"/> has them.</summary>
    public void Uniform(ulong first, Span<double> destination)
    {
        int i = 0;
        if ((first & 1) != 0 && destination.Length > 0)
        {
            destination[i++] = Uniform(first);
        }

        for (; i + 1 < destination.Length; i += 2)
        {
            (ulong even, ulong odd) = Block((first + (ulong)i) >> 1);
            destination[i] = ToOpenInterval(even);
            destination[i + 1] = ToOpenInterval(odd);
        }

        if (i < destination.Length)
        {
            destination[i] = Uniform(first + (ulong)i);
        }
    }

    /// <summary>The ten rounds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (uint X, uint Y, uint Z, uint W) Mix((uint X, uint Y, uint Z, uint W) counter, (uint X, uint Y) key)
    {
        for (int round = 0; round < Rounds; round++)
        {
            ulong product0 = (ulong)Multiplier0 * counter.X, product1 = (ulong)Multiplier1 * counter.Z;
            counter = ((uint)(product1 >> 32) ^ counter.Y ^ key.X, (uint)product1, (uint)(product0 >> 32) ^ counter.W ^ key.Y, (uint)product0);
            key = (key.X + Weyl0, key.Y + Weyl1);
        }

        return counter;
    }

    private (ulong First, ulong Second) Block(ulong block)
    {
        (uint x, uint y, uint z, uint w) = Mix(((uint)block, (uint)(block >> 32), (uint)stream, (uint)(stream >> 32)), ((uint)seed, (uint)(seed >> 32)));
        return (x | ((ulong)y << 32), z | ((ulong)w << 32));
    }

    /// <summary>(k + 1/2) / 2^52 for the highest 52 bits k: exact, symmetric around 1/2, from 2^-53 to 1 - 2^-53.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double ToOpenInterval(ulong bits) => ((bits >> 12) + 0.5) * 2.220446049250313e-16;
}
