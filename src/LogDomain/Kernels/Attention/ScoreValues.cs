namespace LogDomain.Kernels.Attention;

/// <summary>One value a score, or one for many: a stride of 0 repeats.</summary>
internal readonly unsafe struct ScoreValues<T>(T* values, nint batch, nint head, nint query, nint key)
    where T : unmanaged
{
    public bool IsGiven => values != null;

    public nint QueryStride => query;

    public nint KeyStride => key;

    public T* Row(int batchIndex, int headIndex, int queryIndex) => values + (batchIndex * batch) + (headIndex * head) + (queryIndex * query);
}
