namespace LogDomain.Tests.Sweeps;

/// <summary>All 2^32 floats, or every stride-th, in chunks.</summary>
internal static class SingleInputs
{
    /// <summary>Floats of a chunk: a whole number of vectors.</summary>
    public const int ChunkLength = 1024;

    private const int Parts = 1 << 10;

    public delegate void Chunk(ReadOnlySpan<float> x, Worst[] worst);

    /// <summary>Calls <paramref name="look"/> with the floats of the domain. The last chunk of a part is filled up with zeros that it does not show.</summary>
    public static Worst[] Sweep(uint stride, Func<Worst[]> create, Predicate<float> domain, Chunk look) =>
        Sweeps.Sweep.InParallel(Parts, create, (part, worst) =>
        {
            long inputs = ((1L << 32) + stride - 1) / stride;
            float[] x = new float[ChunkLength];
            int count = 0;
            for (long i = inputs * part / Parts; i < inputs * (part + 1) / Parts; i++)
            {
                x[count] = BitConverter.UInt32BitsToSingle((uint)(i * stride));
                count += domain(x[count]) ? 1 : 0;
                if (count == ChunkLength)
                {
                    look(x, worst);
                    count = 0;
                }
            }

            x.AsSpan(count).Clear();
            look(x.AsSpan(0, count), worst);
        });
}
