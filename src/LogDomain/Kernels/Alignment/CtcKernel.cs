using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Alignment;

/// <summary>
/// The loss of connectionist temporal classification and its gradient, forwards and backwards over the states of a target: Graves et al., ICML 2006, equations 6 to 16.
/// </summary>
/// <remarks>
/// <para>
/// A target of S tokens has S + 1 blanks around S labels. Blanks and labels are two arrays, so that a step needs its neighbours at distance 1 alone:
/// <c>b'[i] = (b[i] + l[i-1]) p_blank</c> and <c>l'[i] = (l[i] + b[i] + [skip i] l[i-1]) p_i</c>. Places lie in the lanes, and each state has an exponent of its own (<see cref="ScaledLanes{TLanes}"/>):
/// no path is lost however far it lies below another, and the only exponentials are those of the frame's tokens.
/// </para>
/// <para>
/// Memory is O(sqrt(T) S), beyond a megabyte that is worth keeping as it is: forwards keep every K-th frame, K = sqrt(T), and backwards compute the K frames between two of them again (Chen et al. 2016, "Training deep nets with sublinear memory
/// cost"). They stay in the cache then, which pays for the second computation.
/// </para>
/// </remarks>
internal unsafe ref struct CtcKernel<TLanes, T>
    where TLanes : unmanaged, ILanes<TLanes>
    where T : unmanaged
{
    /// <summary>Frames times places that are kept as a whole: 1 MB of states, beyond which they would leave the second-level cache.</summary>
    private const int Small = 1 << 15;

    private readonly CtcProblem<T> _problem;
    private readonly int _width;       // of an array of places: S + 1 in whole vectors, and a vector of zeros on either side
    private readonly int _block;       // frames between two that are kept
    private readonly double* _lse;     // log(sum e^x) of each frame; 0 for probabilities
    private readonly double* _skip;    // mask: whether label i may follow label i - 1 without a blank
    private readonly double* _labels;  // emissions of the labels: logarithms, mantissas, exponents
    private readonly double* _kept;    // states of the frames that are kept
    private readonly double* _frames;  // states of the frames of a block
    private readonly double* _next;    // what comes from behind: two rows, in turn
    private readonly double* _shares;  // of the labels in one frame
    private readonly double* _byClass; // sums of shares, for the classes of the target alone
    private bool _isBad;

    private CtcKernel(in CtcProblem<T> problem, double* memory, int width, int block)
    {
        _problem = problem;
        _width = width;
        _block = block;
        _skip = memory;
        _labels = _skip + width;
        _shares = _labels + (3 * width);
        _next = _shares + width;
        _kept = _next + (8 * width);
        _frames = _kept + (4 * width * (((problem.Frames + block - 1) / block) + 1));
        _lse = _frames + (4 * width * (block + 1));
        _byClass = _lse + problem.Frames;
    }

    /// <summary>The loss; the gradient, if there is to be one, is written as a whole.</summary>
    public static double Run(in CtcProblem<T> problem)
    {
        int width = (((problem.TargetLength + 1 + TLanes.Count - 1) / TLanes.Count) + 2) * TLanes.Count;
        bool isSmall = (long)problem.Frames * width <= Small;
        int block = Math.Max(1, isSmall ? problem.Frames : (int)Math.Ceiling(Math.Sqrt(problem.Frames)));
        nint rows = ((problem.Frames + block - 1) / block) + 1 + block + 1;
        nint length = (4 * (nint)width * rows) + (13 * width) + problem.Frames + (problem.Gradient == null ? 0 : problem.Classes);
        using Scratch<double> scratch = new(length);
        fixed (double* memory = scratch.Span)
        {
            return new CtcKernel<TLanes, T>(problem, memory, width, block).Run();
        }
    }

    private double Run()
    {
        nint size = (nint)_problem.Frames * _problem.Classes;
        SumFrames();
        PrepareStates();
        double* last = Forward();
        double loss = double.NaN;
        ScaledNumber total = ScaledNumber.Zero;
        if (!_isBad)
        {
            int s = TLanes.Count + _problem.TargetLength;
            total = new ScaledNumber(last[s], last[_width + s]) + new ScaledNumber(last[(2 * _width) + s - 1], last[(3 * _width) + s - 1]);
            loss = 0 - total.Log();
        }

        if (_problem.Gradient != null)
        {
            if (double.IsFinite(loss))
            {
                Backward(total);
            }
            else if (double.IsNaN(loss) || !_problem.ZeroInfinity)
            {
                new Span<T>(_problem.Gradient, checked((int)size)).Fill(Of(double.NaN));
            }
            else
            {
                new Span<T>(_problem.Gradient, checked((int)size)).Clear();
            }
        }

        return _problem.ZeroInfinity && double.IsPositiveInfinity(loss) ? 0 : loss;
    }

    /// <summary>log(sum e^x) of each frame in double, from the loss of its blank; and the softmax in place of the gradient, in the same pass.</summary>
    private void SumFrames()
    {
        if (!_problem.IsLogits)
        {
            new Span<double>(_lse, _problem.Frames).Clear();
            if (_problem.Gradient != null)
            {
                new Span<T>(_problem.Gradient, checked((int)((nint)_problem.Frames * _problem.Classes))).Clear();
            }

            return;
        }

        using Scratch<int> targets = new(_problem.Frames);
        targets.Span.Fill(_problem.Blank);
        fixed (int* target = targets.Span)
        {
            RowKernels<T>.Best!.CrossEntropy(_problem.Input, _problem.Gradient, _problem.Frames, _problem.Classes, target, null, _lse, _problem.Weight);
            for (int t = 0; t < _problem.Frames; t++)
            {
                T* row = _problem.Input + ((nint)t * _problem.Classes);
                int anchor = _problem.Blank;

                // From a blank far below the others the sum would come back with the roundings of the distance.
                if (!(_lse[t] < 1024))
                {
                    anchor = Largest(row, _problem.Classes);
                    RowKernels<T>.Best!.CrossEntropy(row, null, 1, _problem.Classes, &anchor, null, _lse + t, 1);
                }

                _lse[t] += Double(row[anchor]);
            }
        }
    }

    private static int Largest(T* row, int classes)
    {
        int largest = 0;
        for (int c = 1; c < classes; c++)
        {
            if (Double(row[c]) > Double(row[largest]))
            {
                largest = c;
            }
        }

        return largest;
    }

    private void PrepareStates()
    {
        new Span<double>(_skip, _width).Clear();
        for (int i = 1; i < _problem.TargetLength; i++)
        {
            _skip[TLanes.Count + i] = _problem.Target[i] == _problem.Target[i - 1] ? 0 : BitConverter.Int64BitsToDouble(-1);
        }

        new Span<double>(_labels, _width).Fill(double.NegativeInfinity);
        Clear(_next);
        Clear(_next + (4 * _width));
        for (nint row = 0; row < (((_problem.Frames + _block - 1) / _block) + 1) + _block + 1; row++)
        {
            Clear(_kept + (4 * _width * row));
        }
    }

    private void Clear(double* row)
    {
        new Span<double>(row, _width).Fill(1);
        new Span<double>(row + _width, _width).Fill(double.NegativeInfinity);
        new Span<double>(row + (2 * _width), _width).Fill(1);
        new Span<double>(row + (3 * _width), _width).Fill(double.NegativeInfinity);
    }

    /// <summary>All frames, of which those at the borders of blocks are kept; gives the last.</summary>
    private double* Forward()
    {
        double* start = _kept;
        start[_width + TLanes.Count] = 0;
        double* end = start;
        for (int first = 0, index = 0; first < _problem.Frames && !_isBad; first += _block, index++)
        {
            int count = Math.Min(_block, _problem.Frames - first);
            ForwardBlock(_kept + (4 * (nint)_width * index), first, count);
            end = _kept + (4 * (nint)_width * (index + 1));
            new Span<double>(_frames + (4 * (nint)_width * count), 4 * _width).CopyTo(new(end, 4 * _width));
        }

        return end;
    }

    /// <summary>Frames of one block, after the states before it.</summary>
    private void ForwardBlock(double* before, int first, int count)
    {
        new Span<double>(before, 4 * _width).CopyTo(new(_frames, 4 * _width));
        for (int i = 0; i < count && !_isBad; i++)
        {
            TLanes blank = Emit(first + i, out TLanes exponent);
            Step(_frames + (4 * (nint)_width * i), _frames + (4 * (nint)_width * (i + 1)), blank, exponent);
            Normalise(_frames + (4 * (nint)_width * (i + 1)), first + i);
        }
    }

    /// <summary>The probabilities of the blank and of the labels in a frame.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TLanes Emit(int frame, out TLanes blankExponent)
    {
        T* row = _problem.Input + ((nint)frame * _problem.Classes);
        int* target = _problem.Target;
        double* labels = _labels, label = labels + TLanes.Count;
        int width = _width, length = _problem.TargetLength;
        double lse = _lse[frame], blank = Double(row[_problem.Blank]) - lse;
        bool isGood = blank < double.PositiveInfinity;
        for (int i = 0; i < length; i++)
        {
            double x = Double(row[target[i]]) - lse;
            isGood &= x < double.PositiveInfinity;
            label[i] = x;
        }

        _isBad |= !isGood;
        for (int i = 0; i < width; i += TLanes.Count)
        {
            ScaledLanes<TLanes>.Exp(TLanes.Load(labels + i), out TLanes exponent).Store(labels + width + i);
            exponent.Store(labels + (2 * width) + i);
        }

        return ScaledLanes<TLanes>.Exp(TLanes.Create(blank), out blankExponent);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Step(double* from, double* to, TLanes blank, TLanes blankExponent)
    {
        int width = _width;
        double* skip = _skip, mantissas = _labels + width, exponents = mantissas + width;
        for (int i = TLanes.Count; i < width - TLanes.Count; i += TLanes.Count)
        {
            double* at = from + i, destination = to + i;
            TLanes b = TLanes.Load(at), bExponent = TLanes.Load(at + width), l = TLanes.Load(at + (2 * width)), lExponent = TLanes.Load(at + (3 * width));
            TLanes before = TLanes.Load(at + (2 * width) - 1), beforeExponent = TLanes.Load(at + (3 * width) - 1);

            TLanes exponent = TLanes.Max(bExponent, beforeExponent);
            TLanes sum = TLanes.FusedMultiplyAdd(b, ScaledLanes<TLanes>.Scale(exponent, bExponent), before * ScaledLanes<TLanes>.Scale(exponent, beforeExponent));
            exponent += blankExponent;
            (sum * blank).Store(destination);
            exponent.Store(destination + width);

            beforeExponent = ScaledLanes<TLanes>.Where(TLanes.Load(skip + i), beforeExponent);
            exponent = TLanes.Max(TLanes.Max(bExponent, lExponent), beforeExponent);
            sum = before * ScaledLanes<TLanes>.Scale(exponent, beforeExponent);
            sum = TLanes.FusedMultiplyAdd(b, ScaledLanes<TLanes>.Scale(exponent, bExponent), sum);
            sum = TLanes.FusedMultiplyAdd(l, ScaledLanes<TLanes>.Scale(exponent, lExponent), sum);
            exponent += TLanes.Load(exponents + i);
            (sum * TLanes.Load(mantissas + i)).Store(destination + (2 * width));
            exponent.Store(destination + (3 * width));
        }
    }

    /// <summary>Mantissas brought back to 1: a frame moves them by 2^-0.5 to 2^2.1, and 16 frames by no more than 2^34, beside which the reach of 2^-1000 is the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Normalise(double* states, int frame)
    {
        if (frame % 16 != 0)
        {
            return;
        }

        int width = _width;
        for (int i = 0; i < 2 * width; i += TLanes.Count)
        {
            double* at = states + (i < width ? i : i + width);
            TLanes exponent = TLanes.Load(at + width);
            ScaledLanes<TLanes>.Normalise(TLanes.Load(at), ref exponent).Store(at);
            exponent.Store(at + width);
        }
    }

    private void Backward(ScaledNumber total)
    {
        int end = TLanes.Count + _problem.TargetLength;
        double* from = _next, to = _next + (4 * _width);
        from[_width + end] = 0;
        for (int first = (_problem.Frames - 1) / _block * _block, index = first / _block; first >= 0; first -= _block, index--)
        {
            int count = Math.Min(_block, _problem.Frames - first);
            if (_block < _problem.Frames)
            {
                ForwardBlock(_kept + (4 * (nint)_width * index), first, count);
            }

            for (int i = count - 1; i >= 0; i--)
            {
                TLanes blank = Emit(first + i, out TLanes exponent);
                double share = StepBack(from, to, _frames + (4 * (nint)_width * (i + 1)), blank, exponent, total);
                Normalise(to, first + i);
                WriteGradient(first + i, First(ScaledLanes<TLanes>.Over(blank, exponent, TLanes.Create(0))), share);
                double* swap = from;
                from = to;
                to = swap;
            }
        }
    }

    /// <summary>One frame back: the shares of labels, their sum over blanks as the result, and what goes on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly double StepBack(double* from, double* to, double* forward, TLanes blank, TLanes blankExponent, ScaledNumber total)
    {
        int width = _width;
        double* skip = _skip, mantissas = _labels + width, exponents = mantissas + width, shares = _shares;
        TLanes blanks = TLanes.Create(0), totalExponent = TLanes.Create(total.Exponent), factor = TLanes.Create(1 / total.Mantissa);
        for (int i = TLanes.Count; i < width - TLanes.Count; i += TLanes.Count)
        {
            double* at = from + i, destination = to + i, there = forward + i;
            TLanes b = TLanes.Load(at), bExponent = TLanes.Load(at + width), l = TLanes.Load(at + (2 * width)), lExponent = TLanes.Load(at + (3 * width));
            TLanes exponent = TLanes.Max(bExponent, lExponent);
            TLanes sum = TLanes.FusedMultiplyAdd(b, ScaledLanes<TLanes>.Scale(exponent, bExponent), l * ScaledLanes<TLanes>.Scale(exponent, lExponent));
            blanks += ScaledLanes<TLanes>.Over(sum * TLanes.Load(there), exponent + TLanes.Load(there + width), totalExponent);
            exponent += blankExponent;
            (sum * blank).Store(destination);
            exponent.Store(destination + width);

            b = TLanes.Load(at + 1);
            bExponent = TLanes.Load(at + width + 1);
            TLanes next = TLanes.Load(at + (2 * width) + 1), nextExponent = ScaledLanes<TLanes>.Where(TLanes.Load(skip + i + 1), TLanes.Load(at + (3 * width) + 1));
            exponent = TLanes.Max(TLanes.Max(bExponent, lExponent), nextExponent);
            sum = next * ScaledLanes<TLanes>.Scale(exponent, nextExponent);
            sum = TLanes.FusedMultiplyAdd(b, ScaledLanes<TLanes>.Scale(exponent, bExponent), sum);
            sum = TLanes.FusedMultiplyAdd(l, ScaledLanes<TLanes>.Scale(exponent, lExponent), sum);
            TLanes share = ScaledLanes<TLanes>.Over(sum * TLanes.Load(there + (2 * width)), exponent + TLanes.Load(there + (3 * width)), totalExponent);
            (share * factor).Store(shares + i);
            exponent += TLanes.Load(exponents + i);
            (sum * TLanes.Load(mantissas + i)).Store(destination + (2 * width));
            exponent.Store(destination + (3 * width));
        }

        double* lanes = stackalloc double[8];
        (blanks * factor).Store(lanes);
        double blankShare = 0;
        for (int i = 0; i < TLanes.Count; i++)
        {
            blankShare += lanes[i];
        }

        return blankShare;
    }

    private static double First(TLanes value)
    {
        double* lanes = stackalloc double[8];
        value.Store(lanes);
        return lanes[0];
    }

    /// <summary>Softmax less shares, for the classes of the target and the blank; the others are there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void WriteGradient(int frame, double blank, double blanks)
    {
        double* shares = _shares + TLanes.Count;
        int* target = _problem.Target;
        for (int i = 0; i < _problem.TargetLength; i++)
        {
            _byClass[target[i]] = 0;
        }

        for (int i = 0; i < _problem.TargetLength; i++)
        {
            _byClass[target[i]] += shares[i];
        }

        // What the input itself brings: p of a label, which is there, or nothing.
        double* own = _labels + TLanes.Count;
        T* y = _problem.Gradient + ((nint)frame * _problem.Classes);
        if (!_problem.IsLogits)
        {
            new Span<double>(own, _problem.TargetLength).Clear();
            blank = 0;
        }
        else
        {
            for (int i = TLanes.Count; i < _width - TLanes.Count; i += TLanes.Count)
            {
                ScaledLanes<TLanes>.Over(TLanes.Load(_labels + _width + i), TLanes.Load(_labels + (2 * _width) + i), TLanes.Create(0)).Store(_labels + i);
            }
        }

        for (int i = 0; i < _problem.TargetLength; i++)
        {
            y[target[i]] = Of(_problem.Weight * (own[i] - _byClass[target[i]]));
        }

        y[_problem.Blank] = Of(_problem.Weight * (blank - blanks));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Double(T value) => typeof(T) == typeof(float) ? (float)(object)value : (double)(object)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Of(double value) => typeof(T) == typeof(float) ? (T)(object)(float)value : (T)(object)value;
}

/// <summary>The kernel for the widest vectors of this machine.</summary>
internal static class CtcKernel
{
    private static bool IsWide => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    public static double Run<T>(in CtcProblem<T> problem)
        where T : unmanaged =>
        IsWide ? CtcKernel<DoubleVector512, T>.Run(problem) : CtcKernel<DoubleVector256Pair, T>.Run(problem);
}
